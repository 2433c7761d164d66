"""Searches for the random texts of fields: in tables, logs and a dump, and after a deletion request."""
