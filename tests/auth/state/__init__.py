"""Our own SQL state."""
