"""Who asks, and the record of it."""
