"""Tests of auth/audit/oversight/."""
