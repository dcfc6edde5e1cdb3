"""Tests of schema/declaring/."""
