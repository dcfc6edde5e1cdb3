"""The measuring tool itself: what it reads, what it counts, and that what it configures is valid."""
