"""Starts a foreign platform for a test, and controls its services."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]


@contextmanager
def started(module: str, folder: Path, *options: str) -> Iterator[dict[str, Any]]:
    """The platform `python -m tests.foreign_platforms.MODULE` while it is up, as what it says of itself.

    It ends by SIGTERM, and also if the test process is killed.
    """
    command = [sys.executable, "-m", f"tests.foreign_platforms.{module}", "--dir", str(folder), "--attached", *options]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(
        command, cwd=_ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, f"{module} did not start; see its logs in {folder}"
            yield json.loads(line)
        finally:
            process.terminate()
            process.wait(60)


def service(verb: str, name: str, state: dict[str, Any]) -> int:
    """The exit status of `python -m tests.foreign_platforms.service` for one service of a platform that is up."""
    command = [sys.executable, "-m", "tests.foreign_platforms.service", verb, name, state["file"]]
    return subprocess.run(command, cwd=_ROOT, check=False, capture_output=True).returncode
