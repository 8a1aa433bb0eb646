"""Protocols, instruments and messages as TOML: data that a clinician can read, and its loader."""
