"""Who asks, what they may see, and the record of it.
The modules at the top are words that everybody uses: change them with care."""
