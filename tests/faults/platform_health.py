"""Whether an embedded platform is well: every kind of fault that a drill can leave in it shows here."""

from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.embedded_runtime import EmbeddedRuntime
from pytest_examday.runtimes.embedded_state import read_state

_LOOKS = 64
"""Fresh connections until each worker has answered; which one answers is the kernel's choice."""
_ANSWER_SECONDS = 3.0
_CLIENT = httpx.Client(
    timeout=_ANSWER_SECONDS, verify=False, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
)
"""A connection for each request; without certificates, whose reading would take longer than all the rest."""


def what_is_wrong(state: Path) -> str | None:
    """The first thing that is wrong with the platform of that state file; None if it is well.

    Only looks: no process of it is signalled.
    """
    try:
        looks: tuple[Callable[[Path], str | None], ...] = (_standing_still, _down, _late, _not_ready)
        return next((wrong for look in looks if (wrong := look(state)) is not None), None)
    except Unmeasurable as reason:
        return f"cannot be looked at: {reason}"


def _standing_still(state: Path) -> str | None:
    """Any process below the supervisor that a signal has stopped: services, their children, links."""
    found = []
    for process in _family(read_state(state).supervisor_pid):
        try:
            found += [process.pid] if process.status() == psutil.STATUS_STOPPED else []
        except psutil.NoSuchProcess:
            continue  # it ended while it was looked at
    return f"paused: {found}" if found else None


def _family(pid: int) -> list[psutil.Process]:
    try:
        supervisor = psutil.Process(pid)
        return [supervisor, *supervisor.children(recursive=True)]
    except psutil.NoSuchProcess:
        raise Unmeasurable(f"the supervisor {pid} is gone") from None


def _down(state: Path) -> str | None:
    runtime = EmbeddedRuntime(state)
    down = [name for name in (*runtime.services(), *runtime.workers()) if not runtime.running(name)]
    return f"not running: {', '.join(down)}" if down else None


def _late(state: Path) -> str | None:
    runtime = EmbeddedRuntime(state)
    late = [name for name in read_state(state).links if runtime.delayed(name)]
    return f"delayed: {', '.join(late)}" if late else None


def _not_ready(state: Path) -> str | None:
    """Every worker has to say for itself that it is ready."""
    silent, address = set(EmbeddedRuntime(state).workers()), read_state(state).api_url
    for _ in range(_LOOKS):
        try:
            answer = _CLIENT.get(f"{address}/v1/ready").json()
        except (httpx.HTTPError, ValueError) as problem:
            return f"not answering: {problem!r}"
        if answer.get("status") != "ready":
            return f"not ready: {answer}"
        silent.discard(answer.get("worker"))
        if not silent:
            return None
    return f"not heard of in {_LOOKS} answers: {', '.join(sorted(silent))}"
