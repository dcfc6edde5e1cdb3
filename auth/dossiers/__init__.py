"""Dossiers of administrative procedures: their terms, and how they are kept.
What a procedure opens is policy's (auth/policy/procedures.py)."""
