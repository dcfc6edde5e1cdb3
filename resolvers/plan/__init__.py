"""The plan engine at the door of the resolvers, its shadow, and the comparison of both executors.
It imports what both executors share, never a subject."""
