"""Tests of auth/policy/."""
