"""Answers: values computed from columns that the caller need not be allowed to read, by subject.
An answer is a function of its inputs: it asks no register."""
