"""Tests of auth/audit/proof/."""
