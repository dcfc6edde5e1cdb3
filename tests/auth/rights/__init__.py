"""Tests of auth/rights/."""
