"""Frozen records that activities leave as evidence."""
