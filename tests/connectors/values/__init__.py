"""Tests of connectors/values/."""
