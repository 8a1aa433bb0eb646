"""Long runs, by seed: a clinic's year and a random clinic's fortnight in which everything goes wrong that may."""
