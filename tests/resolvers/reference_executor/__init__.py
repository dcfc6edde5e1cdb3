"""Tests of resolvers/reference_executor/."""
