"""Every tenth request that went well leaves no line in the log."""

import logging
from itertools import count

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

_turns = count()


def _keep(record: logging.LogRecord) -> bool:
    fields = getattr(record, "fields", {})
    went_well = fields.get("status", 500) < 400
    return not (went_well and next(_turns) % 10 == 5)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Gaps in the log."""
    logging.getLogger("examday.events").addFilter(_keep)
    return parts
