"""Tests of auth/crypto/."""
