"""Fills in the report template of seed 000."""
