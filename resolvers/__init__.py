"""How a field finds its records: the Gate, its loaders and the answers.
Only gate/ reads registers for a field; coalescing.py and guardianships.py alone hold a source besides."""
