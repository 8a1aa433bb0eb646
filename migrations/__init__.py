"""The steps by which the tables came to be what store/schema.py says, one file a step."""
