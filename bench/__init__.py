"""Benches: what speed the requirements ask for, measured beside what a plain bot does in the same run."""
