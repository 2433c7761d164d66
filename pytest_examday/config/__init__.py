"""`examday.toml` -> one typed, validated, frozen environment."""
