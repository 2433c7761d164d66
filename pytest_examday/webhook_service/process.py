"""What the service's processes have in common: their command line, their log, and how they fail."""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from pytest_examday.local_servers import json_logs
from pytest_examday.webhook_service.context import request_id
from pytest_examday.webhook_service.settings import Settings


def run_process(serve: Callable[[str, Settings], None]) -> int:
    """Call `serve` with the name and settings of the command line. Returns 0 when it returns, 1 if it raises."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--settings", required=True, type=Path)
    options = parser.parse_args()
    json_logs.configure(options.name, sys.stdout, request_id)
    try:
        serve(options.name, Settings.awaited(options.settings))
    except Exception as error:  # noqa: BLE001 (whatever it is, it belongs in the log as one line)
        told = json_logs.format_error(error)
        json_logs.log_event(logging.ERROR, "process_failed", error=type(error).__name__, traceback=told)
        return 1
    return 0
