"""The passes and the tick, on real databases with simulated time."""
