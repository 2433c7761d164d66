"""Runs one background job as a process of its own."""

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_examday.local_servers.processes import Command, spawn
from pytest_examday.platform.jobs import JOBS
from pytest_examday.platform.platform_error import PlatformError

_SECONDS = 60.0


async def run_job(name: str, environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Run the job; returns ``{"exit_status", "output"}``. Raises PlatformError for an unknown name, or if it takes
    longer than a minute."""
    if name not in JOBS:
        raise PlatformError(f"unknown job {name!r}; valid are: {', '.join(sorted(JOBS))}")
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", dir=folder, prefix=".job-") as output:
        argv = [sys.executable, "-m", "pytest_examday.platform.jobs", name]
        process = spawn(Command(argv=argv, environment=environment, log=Path(output.name)))
        try:
            async with asyncio.timeout(_SECONDS):
                while process.poll() is None:  # noqa: ASYNC110 (a Popen tells only when asked)
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise PlatformError(f"job {name} took longer than {_SECONDS:.0f} s") from error
        finally:
            process.kill()
            process.wait()
        return {"exit_status": process.returncode, "output": output.read()}
