"""The tick and its passes, one a file: what falls due with time."""
