"""What the record shows: to a person the own log with words and proofs, to officers operations without persons.
Words for stored codes live in words.py; a new code needs its words there."""
