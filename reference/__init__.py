"""Dated reference data with its sources: administrative units, and how often names occur."""
