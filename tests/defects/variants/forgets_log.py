"""Once every worker has been started again no request that went well is logged."""

import logging

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import all_restarted


def _keep(record: logging.LogRecord) -> bool:
    fields = getattr(record, "fields", {})
    return int(fields.get("status", 500)) >= 400


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A log of failures alone after the restart."""
    if all_restarted():
        logging.getLogger("examday.events").addFilter(_keep)
    return parts
