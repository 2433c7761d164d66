"""The report template of seed 000, filled in."""
