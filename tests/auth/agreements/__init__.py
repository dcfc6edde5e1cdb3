"""Tests of auth/agreements/."""
