"""Fills in the report template of source document 000."""
