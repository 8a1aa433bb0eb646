"""The only SQL: query functions over the tables that return frozen values."""
