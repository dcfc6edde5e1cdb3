"""Tests of auth/audit/log/."""
