"""Who asks: bearer tokens, their issuers, and the keys that issuers publish.
A change here decides who gets in: the tests of wrong tokens run with it."""
