"""What decides a field's release: the one door to the registers (gate.py), facts, admission, masks, disclosure.
Every change runs the leak matrix; it imports no other room of resolvers."""
