"""Candidates, their ledger and their figures."""
