"""A whole clinic under a virtual clock, one story a promise."""
