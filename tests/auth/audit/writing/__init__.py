"""Tests of auth/audit/writing/."""
