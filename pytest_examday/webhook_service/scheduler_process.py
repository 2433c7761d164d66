"""A scheduler, which the supervisor starts: `python -m pytest_examday.webhook_service.scheduler_process`."""

import asyncio
import logging
import os
import signal
import sys
import time
from pathlib import Path

import psycopg
import uvloop

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.webhook_service import metrics
from pytest_examday.webhook_service.load_parts import load_parts
from pytest_examday.webhook_service.parts import Services, assemble
from pytest_examday.webhook_service.process import run_process
from pytest_examday.webhook_service.retention import as_json
from pytest_examday.webhook_service.settings import Settings

BEAT_VARIABLE = "WEBHOOK_SERVICE_BEAT"
"""The file that a scheduler writes when it has finished its first pass."""
_LEAST_SECONDS = 0.2
"""The shortest time between two passes, however often the bell rings."""


def serve(name: str, settings: Settings) -> None:
    """Make passes until SIGTERM; the pass under way is finished."""
    uvloop.run(_serve(name, settings))


async def _serve(name: str, settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    services = assemble(settings, load_parts(settings), name)
    await services.open()
    work = asyncio.create_task(_work(services, stopping))
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
    await work
    await services.close()


async def _work(services: Services, stopping: asyncio.Event) -> None:
    housekept = -services.settings.housekeeping_seconds
    while not stopping.is_set():
        began = time.monotonic()
        try:
            ran = await services.scheduler.run()
            if ran.done or ran.failed or ran.broken:
                log_event(logging.INFO, "scheduler_pass", done=ran.done, failed=ran.failed, broken=ran.broken)
            if began - housekept >= services.settings.housekeeping_seconds:
                removed = await services.retention.run()
                housekept = began
                log_event(logging.INFO, "retention", **as_json(removed))
            _tell_that_it_works()
        except psycopg.Error as error:
            log_event(logging.ERROR, "database_unavailable", op="pass", error=type(error).__name__)
        metrics.note_memory()
        await _rest(services, stopping, began)


def _tell_that_it_works() -> None:
    Path(os.environ[BEAT_VARIABLE]).touch()


async def _rest(services: Services, stopping: asyncio.Event, began: float) -> None:
    """Sleep until the bell rings, the interval is over, or the process shall stop."""
    heard = asyncio.create_task(services.wake.sleep())
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({heard, stop}, return_when=asyncio.FIRST_COMPLETED)
    heard.cancel()
    stop.cancel()
    await asyncio.gather(heard, stop, return_exceptions=True)
    seconds_left = began + _LEAST_SECONDS - time.monotonic()
    if seconds_left > 0 and not stopping.is_set():
        await asyncio.sleep(seconds_left)


if __name__ == "__main__":
    sys.exit(run_process(serve))
