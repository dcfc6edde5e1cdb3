"""Frozen formats: the chain of hashes, signed roots, Merkle trees, and which entries are ours.
Nobody changes what is hashed or signed here: earlier exports must still verify."""
