"""From an operation and a profile's decisions to a plan: levels, connections, outputs.
It runs once a shape and reads no row."""
