"""graphql-core's executor: fields, loaders, rows, pages and entities as resolvers.
It behaves as the plan engine does: a change here runs tests/differential."""
