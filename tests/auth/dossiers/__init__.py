"""Tests of auth/dossiers/."""
