"""Answers: values computed from columns that the caller need not be allowed to read, by subject."""
