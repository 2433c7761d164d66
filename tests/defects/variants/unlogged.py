"""Every tenth request that went well leaves no line in the log."""

import logging
from itertools import count

from fastapi import FastAPI

from pytest_examday.platform.app import build_app
from pytest_examday.platform.services import Parts
from pytest_examday.platform.settings import Settings

_turns = count()


def _keep(record: logging.LogRecord) -> bool:
    fields = getattr(record, "fields", {})
    went_well = fields.get("status", 500) < 400
    return not (went_well and next(_turns) % 10 == 5)


def create_app(settings: Settings) -> FastAPI:
    """The platform with gaps in its log."""
    logging.getLogger("examday.platform").addFilter(_keep)
    return build_app(settings, Parts())
