"""Tests of resolvers/consent/."""
