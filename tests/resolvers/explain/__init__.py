"""Tests of resolvers/explain/."""
