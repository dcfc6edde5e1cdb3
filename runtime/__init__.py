"""Foundations of the process: a database driver with protocol checks, a watchdog over the event loop."""
