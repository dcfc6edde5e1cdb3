"""What can be asked: the GraphQL types, their declarations, and the limits of a document.
A change of a type changes schema.graphql and CHANGELOG.md; server.py alone composes it."""
