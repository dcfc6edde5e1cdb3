"""Tests of resolvers/rights/."""
