"""The types of the registers' records and their answers, one file a subject.
Types may refer to each other inside this folder only; each field has a category."""
