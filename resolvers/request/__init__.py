"""One request: the factory that opens it, its access context and case, break-glass access, the account of its fields.
A field goes through its Request: it makes no Gate and no decision by itself."""
