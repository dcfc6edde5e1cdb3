"""Tests of schema/http/."""
