"""Saved answers are logged without the id by which they could be found."""

import logging

from fastapi import FastAPI

from pytest_examday.platform.app import build_app
from pytest_examday.platform.services import Parts
from pytest_examday.platform.settings import Settings


def _forget_id(record: logging.LogRecord) -> bool:
    fields = getattr(record, "fields", {})
    if fields.get("status") == 200 and str(fields.get("route")).endswith("/answers"):
        fields["request_id"] = None
    return True


def create_app(settings: Settings) -> FastAPI:
    """The platform with anonymous log lines."""
    logging.getLogger("examday.platform").addFilter(_forget_id)
    return build_app(settings, Parts())
