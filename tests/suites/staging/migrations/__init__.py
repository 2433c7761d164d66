"""Migrations are rehearsed on a real PostgreSQL."""
