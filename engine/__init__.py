"""How a query runs: compiled once into batch steps, run level by level. Knows no education, no HTTP, no SQL."""
