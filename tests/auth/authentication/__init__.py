"""Tests of auth/authentication/."""
