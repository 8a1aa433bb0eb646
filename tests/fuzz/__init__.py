"""Fuzzing by coverage (atheris, `make fuzz`): bytes that nobody would think of, for what reads the world's input."""
