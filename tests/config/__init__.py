"""The configuration and its errors."""
