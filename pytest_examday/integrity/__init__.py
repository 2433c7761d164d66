"""Compares what was acknowledged with what is stored, and runs the SQL checks."""
