"""Whole ways through the product, as its users go them: against `serve`, over HTTP and in a browser."""
