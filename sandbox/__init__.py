"""Synthetic registers with personas and a development identity provider: what `serve` starts."""
