"""What officers look at before rules change: check, table, page, comparison, trials.
Only commands call it: nothing here decides a request."""
