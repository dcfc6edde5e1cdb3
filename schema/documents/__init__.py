"""Documents before they run: limits, bounds of texts, shape, cost, literals, messages.
All work here is bounded by the document's length; a new argument needs its bound in text_bounds.py."""
