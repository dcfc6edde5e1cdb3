"""Consents: given, amended, withdrawn (consents.py), what they release (effect.py), requests and evidence.
Receipts and the digest of a notice are kept for ever: their form does not change."""
