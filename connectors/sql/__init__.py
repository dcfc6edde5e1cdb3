"""Registers in SQL: mapping, statements and their parts, SQLite.
No value ever stands in a statement's text."""
