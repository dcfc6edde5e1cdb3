"""Tests of resolvers/audit/."""
