"""The types of consents, of requests for them, and of their terms.
Logic is in resolvers/consent."""
