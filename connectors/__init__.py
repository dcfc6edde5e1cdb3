"""Where data lives: one connector per register, turning it into rows of canonical records."""
