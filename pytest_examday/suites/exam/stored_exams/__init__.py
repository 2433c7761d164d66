"""Reads what an exam has stored, from its database or its API."""
