"""HTTP: the endpoint, its parameters and media types, header limits, request ids.
It knows no type of the schema."""
