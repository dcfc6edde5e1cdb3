"""Requests of data subjects: their terms and clocks, and how they are kept.
Periods and refusals are dated data in reference/, not numbers here."""
