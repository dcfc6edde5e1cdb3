"""A person's own view of the record: entries about them, walked in pages.
It looks up by the person's keys alone."""
