"""Tests of connectors/guards/."""
