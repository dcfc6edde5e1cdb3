"""Tests of auth/consent/."""
