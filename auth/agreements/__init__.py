"""Data-sharing agreements and the grants in them: what an agency's clients may ask for.
Officers change agreements by `./lienthong agreements`; requests only read grants.py."""
