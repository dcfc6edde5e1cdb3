"""Records that several registers serve, as one source for each record; breakers, retries and checks stay below.
The registry builds it; it reads sources and never the tables of a register."""
