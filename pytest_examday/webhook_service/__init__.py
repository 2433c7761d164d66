"""The embedded webhook service: PostgreSQL, Redis, several API workers and a scheduler on one machine."""
