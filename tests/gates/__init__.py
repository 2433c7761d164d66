"""Every judge."""
