"""What can be asked: the GraphQL types, their declarations, and the limits of a document."""
