"""Measurements behind the decisions of docs/architecture.md."""
