"""The ledger and the tables."""
