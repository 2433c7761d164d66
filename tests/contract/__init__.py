"""The contract and the schema."""
