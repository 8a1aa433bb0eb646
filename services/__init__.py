"""Use cases, one transaction each: facts from the store, a decision from the rules, rows back to the store."""
