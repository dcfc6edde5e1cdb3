"""Tests of auth/limits/."""
