"""The composition root: command line, configuration, clock, wiring and logging."""
