"""Tests of auth/audit/."""
