"""Every twentieth saved answer is logged as a submit."""

import logging
from itertools import count

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

_turns = count()


def _as_submit(record: logging.LogRecord) -> bool:
    fields = getattr(record, "fields", {})
    route = str(fields.get("route"))
    if fields.get("status") == 200 and route.endswith("/answers") and next(_turns) % 20 == 7:
        fields["route"] = route.removesuffix("/answers") + "/submit"
    return True


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Log lines of another operation."""
    logging.getLogger("examday.events").addFilter(_as_submit)
    return parts
