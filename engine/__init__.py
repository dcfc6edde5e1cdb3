"""How a query runs: compiled once into batch steps, run level by level. Knows no education, no HTTP, no SQL.
Both executors read declarations.py; a change runs tests/differential."""
