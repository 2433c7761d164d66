"""Logs that leave things out."""

import logging

from .defects import planted


def keep(record: logging.LogRecord) -> bool:
    """Whether the log gets this event."""
    if record.msg == "security" and planted("no-security-events"):
        return False
    return record.levelno < logging.ERROR or not planted("errors-not-logged")
