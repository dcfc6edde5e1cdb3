"""Tests of schema/documents/."""
