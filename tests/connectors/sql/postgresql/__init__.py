"""Tests of connectors/sql/postgresql/."""
