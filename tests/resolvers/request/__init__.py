"""Tests of resolvers/request/."""
