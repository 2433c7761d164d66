"""Saved answers are logged without the id by which they could be found."""

import logging

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings


def _forget_id(record: logging.LogRecord) -> bool:
    fields = getattr(record, "fields", {})
    if fields.get("status") == 200 and str(fields.get("route")).endswith("/answers"):
        fields["request_id"] = None
    return True


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Anonymous log lines."""
    logging.getLogger("examday.events").addFilter(_forget_id)
    return parts
