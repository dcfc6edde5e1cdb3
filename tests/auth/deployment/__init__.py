"""Tests of auth/deployment/."""
