"""Tests of resolvers/gate/."""
