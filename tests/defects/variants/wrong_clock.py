"""The first worker logs with a clock that is five minutes behind."""

from datetime import UTC, datetime, timedelta

from pytest_examday.local_servers import json_logs
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

_BEHIND = timedelta(minutes=5)


def _behind() -> str:
    return (datetime.now(UTC) - _BEHIND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plant(parts: Parts, settings: Settings) -> Parts:
    """A clock that is behind."""
    if settings.worker == "worker-1":
        vars(json_logs)["timestamp"] = _behind
    return parts
