"""Tests of schema/audit/."""
