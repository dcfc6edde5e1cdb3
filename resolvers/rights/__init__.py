"""Requests by which citizens exercise their rights, the queue of those who answer, and disputed fields.
Terms and clocks are in auth/rights."""
