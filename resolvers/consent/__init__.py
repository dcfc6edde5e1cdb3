"""Consents as citizens and clients see them: offered, previewed, given, amended, withdrawn (consents.py), requested.
What a consent releases is decided in auth/consent and policy, not here."""
