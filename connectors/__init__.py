"""Where data lives: one connector per register, turning it into rows of canonical records.
source.py is the promise that each connector keeps; a new one runs tests/connectors/test_contract.py."""
