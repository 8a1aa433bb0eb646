"""The rehearsal: a simulated clinic goes through its fortnight in seconds, on the real services, jobs and rules."""
