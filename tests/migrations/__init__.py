"""The steps of the schema on both databases."""
