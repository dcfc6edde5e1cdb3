"""The generator of synthetic registers: from a seed and a number of learners to the lines of every table."""
