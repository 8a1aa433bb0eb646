"""Long runs: a simulated year of a clinic in which everything goes wrong that may, by seed."""
