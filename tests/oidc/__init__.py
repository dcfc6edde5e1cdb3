"""A real OpenID provider for tests, and a client of it."""
