"""What others check without us: export, verification, witness, proofs of entries and of usage.
Verification (verify.py) needs an export and the public key alone: it opens no database."""
