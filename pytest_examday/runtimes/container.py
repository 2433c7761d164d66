"""One container, or the replicas of one service: their state, their end, their return, their figures."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Ability, Ran, Usage
from pytest_examday.runtimes.docker_engine import Replicas, complaints

if TYPE_CHECKING:
    from docker.models.containers import Container

_WATCH_SECONDS = 1.0
"""How long a service that would restart by itself is watched after it was ended."""
_STEADY_SECONDS = 0.5
"""A container without a health check must live so long to count as up."""
_POLL_SECONDS = 0.05
_FREEZE_SECONDS = 10.0
_NOT_FROZEN = "unable to freeze"


def state_of(container: "Container") -> dict[str, Any]:
    """The container's state as it is now."""
    with complaints(str(container.name)):
        container.reload()
    found: dict[str, Any] = container.attrs["State"]
    return found


def living_of(replicas: Replicas) -> Replicas:
    """Those that run now; paused ones do."""
    return {name: container for name, container in replicas.items() if state_of(container)["Running"]}


def last_line(container: "Container") -> str:
    """The last line of its log, for a message."""
    with complaints(f"the log of {container.name}"):
        written = container.logs(tail=5).decode(errors="replace").strip().splitlines()
    return written[-1] if written else "its log is empty"


def execute(container: "Container", command: list[str], *, privileged: bool = False) -> Ran:
    """Run a command inside; `privileged` as root with every right."""
    with complaints(f"{command[0]} in {container.name}"):
        ran = container.exec_run(command, privileged=privileged, user="root" if privileged else "")
    output = ran.output if isinstance(ran.output, bytes) else b"".join(ran.output)
    return Ran(int(ran.exit_code or 0), output.decode(errors="replace").strip("\n"))


def for_each(replicas: Replicas, act: "Callable[[Container], object]") -> None:
    """Do it to all at the same time; the first complaint is raised when all are done."""

    def one(name: str) -> None:
        with complaints(name):
            act(replicas[name])

    if replicas:
        with ThreadPoolExecutor(len(replicas)) as pool:
            list(pool.map(one, replicas))


def freeze(container: "Container") -> None:
    """Pause it. runc gives up after a fifth of a second where a process cannot be stopped at once (one that waits for
    a disk, on a busy machine): the container goes on as before, and is tried again for a while."""
    from docker.errors import APIError

    deadline = time.monotonic() + _FREEZE_SECONDS
    while True:
        try:
            container.pause()
        except APIError as problem:
            if _NOT_FROZEN not in str(problem) or time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return


def those(replicas: Replicas, *, paused: bool) -> Replicas:
    """The replicas that are paused, or those that are not."""
    return {name: item for name, item in replicas.items() if state_of(item)["Paused"] is paused}


def up(state: dict[str, Any]) -> bool:
    """Whether it runs, is not about to be restarted, and is healthy where it has a health check."""
    health = state.get("Health") or {"Status": "healthy"}
    return bool(state["Running"] and not state["Restarting"] and health["Status"] in ("healthy", "none"))


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until it is true; False where that takes longer."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def watch_for_return(replicas: Replicas, ability: Ability) -> None:
    """A service that somebody brings back at once was never away; raises Unmeasurable with the policy."""
    suspects = {name: item for name, item in replicas.items() if _policy(item) != "no"}
    if not suspects:
        return
    if until(lambda: bool(living_of(suspects)), _WATCH_SECONDS):
        name, container = next(iter((living_of(suspects) or suspects).items()))
        raise Unmeasurable(
            f"{name} came back by itself after {ability} (restart policy {_policy(container)!r}), "
            "so it cannot be held down"
        )


def _policy(container: "Container") -> str:
    return str(container.attrs["HostConfig"]["RestartPolicy"]["Name"] or "no")


def await_up(name: str, container: "Container", deadline: float, *, steady: bool) -> None:
    """Wait until it is up; raises Unmeasurable with the last line of its log where it ends or takes too long.

    `deadline` is of `time.monotonic`. `steady`: without a health check it must have lived for a while; the same is
    asked of one that the engine had to restart.
    """
    steady = steady or container.attrs["RestartCount"] > 0
    seen, since = "", time.monotonic()
    while True:
        state = state_of(container)
        if state["StartedAt"] != seen:
            seen, since = state["StartedAt"], time.monotonic()
        lived = time.monotonic() - since
        if up(state) and (not steady or "Health" in state or lived >= _STEADY_SECONDS):
            return
        if state["Status"] in ("exited", "dead"):
            raise Unmeasurable(
                f"{name} did not come back: it ended with exit status {state['ExitCode']} after its start; "
                f"last in its log: {last_line(container)}"
            )
        if time.monotonic() > deadline:
            raise Unmeasurable(
                f"{name} did not come back in time: it is {_described(state)}; last in its log: {last_line(container)}"
            )
        time.sleep(_POLL_SECONDS)


def _described(state: dict[str, Any]) -> str:
    return f"{state['Status']}, {state['Health']['Status']}" if state.get("Health") else str(state["Status"])


def lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Lines out of chunks that end anywhere; empty ones are left out."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace") for line in whole if line)
    if rest:
        yield rest.decode(errors="replace")


def variables(pairs: list[str]) -> dict[str, str]:
    """Out of NAME=VALUE."""
    return dict(pair.partition("=")[::2] for pair in pairs if "=" in pair)


def usage_of(service: str, reading: dict[str, Any]) -> Usage:
    """From two readings of the counters (nanoseconds), as `docker stats` does; a stopped container has none."""
    now, before, memory = reading["cpu_stats"], reading["precpu_stats"], reading["memory_stats"]
    system = now.get("system_cpu_usage", 0) - before.get("system_cpu_usage", 0)
    if system <= 0 or "usage" not in memory:
        raise Unmeasurable(f"the engine has no figures of {service}: is it running?")
    used = now["cpu_usage"]["total_usage"] - before["cpu_usage"]["total_usage"]
    cached = memory.get("stats", {}).get("inactive_file", memory.get("stats", {}).get("total_inactive_file", 0))
    return Usage(used / system * now.get("online_cpus", 1), memory["usage"] - cached, memory.get("limit"))


def total(usages: list[Usage]) -> Usage:
    """All together; without a limit where one has none."""
    limits = [usage.memory_limit_bytes for usage in usages if usage.memory_limit_bytes is not None]
    return Usage(
        sum(usage.cores for usage in usages),
        sum(usage.memory_bytes for usage in usages),
        sum(limits) if len(limits) == len(usages) else None,
    )
