"""The embedded webhook service."""
