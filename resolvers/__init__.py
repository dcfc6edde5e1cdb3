"""How a field finds its records: the Gate, its loaders and the answers."""
