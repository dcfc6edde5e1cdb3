"""Keys, sealed ids, sealed free text and signatures.
Nobody changes this room without a cryptographer: stored values and signatures depend on it."""
