"""Sees that an xdist worker has died when xdist does not: xdist waits for the end of a pipe, and a child that the
worker has left behind holds it open."""

import threading
import time
from contextlib import suppress
from typing import Any

import psutil

from pytest_examday.safety.owner import is_alive

_POLL_SECONDS = 0.5
_GRACE_SECONDS = 2.0
"""Everything that a worker sent before it died is read within this time."""


def watch_worker(node: Any) -> None:
    """Watch the process of a worker, xdist's WorkerController, in a thread of its own until it has ended.

    xdist then finds the worker's channel closed. Workers on other hosts are not watched.
    """
    if node.gateway.spec.popen:
        pid = int(node.gateway._rinfo().pid)  # noqa: SLF001 # xdist itself asks like this, and execnet has kept the reply
        threading.Thread(target=_watch, args=(node.channel, pid), name=f"examday-worker-{pid}", daemon=True).start()


def _watch(channel: Any, pid: int) -> None:
    with suppress(psutil.NoSuchProcess):  # it has died already
        started = psutil.Process(pid).create_time()
        while is_alive(pid, started):
            time.sleep(_POLL_SECONDS)
    time.sleep(_GRACE_SECONDS)
    with suppress(OSError):  # nobody holds the pipe open
        channel.close()
