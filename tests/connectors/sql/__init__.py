"""Tests of connectors/sql/."""
