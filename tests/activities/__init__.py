"""Evidence exactly once."""
