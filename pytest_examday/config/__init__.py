"""Reads `examday.toml` and makes one typed, validated, frozen `Environment` of it."""
