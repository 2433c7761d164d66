"""The platform's logs: lines of JSON that name the request."""

import logging
import sys
from typing import TextIO

from pytest_examday.local_servers import json_logs
from pytest_examday.local_servers.json_logs import format_error, log_event
from pytest_examday.platform.context import request_id


def log_exception(event: str, error: BaseException) -> None:
    """Write an event of level ERROR with the traceback in the same line."""
    fields = {"request_id": request_id(), "error": type(error).__name__, "traceback": format_error(error)}
    log_event(logging.ERROR, event, **fields)


def configure(worker: str, stream: TextIO = sys.stdout) -> None:
    """Send every log record of this process to ``stream`` as JSON lines."""
    json_logs.configure(worker, stream, request_id)
