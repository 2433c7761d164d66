"""Acts on the containers of one service: reads their state, stops and starts them, waits for them."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Ability, Usage
from pytest_examday.runtimes.docker_engine import Replicas, one_line_errors

if TYPE_CHECKING:
    from docker.models.containers import Container

_WATCH_SECONDS = 1.0
"""How long a stopped container with a restart policy is watched for an automatic restart."""
_STEADY_SECONDS = 0.5
"""A container without a health check counts as up after it has run for this long."""
_POLL_SECONDS = 0.05
_FREEZE_SECONDS = 10.0
_NOT_FROZEN = "unable to freeze"


def state_of(container: "Container") -> dict[str, Any]:
    """The container's state, read from the engine now."""
    with one_line_errors(str(container.name)):
        container.reload()
    state: dict[str, Any] = container.attrs["State"]
    return state


def address_of(container: "Container") -> str | None:
    """The HTTP address of the container on its own network; None if it does not expose exactly one TCP port, or has
    no address there now."""
    ports = [port for port in container.attrs["Config"].get("ExposedPorts") or {} if port.endswith("/tcp")]
    networks = container.attrs["NetworkSettings"].get("Networks") or {}
    hosts = [network["IPAddress"] for network in networks.values() if network.get("IPAddress")]
    if len(ports) != 1 or not hosts:
        return None
    return f"http://{hosts[0]}:{ports[0].removesuffix('/tcp')}"


def living_of(replicas: Replicas) -> Replicas:
    """The replicas that run, including paused ones."""
    return {name: container for name, container in replicas.items() if state_of(container)["Running"]}


def last_line(container: "Container") -> str:
    """The last line of the container's log, for an error message."""
    with one_line_errors(f"the log of {container.name}"):
        written = container.logs(tail=5).decode(errors="replace").strip().splitlines()
    return written[-1] if written else "its log is empty"


def for_each(replicas: Replicas, act: "Callable[[Container], object]") -> None:
    """Call `act` for all replicas at the same time; when all are done, raise the first error."""

    def one(name: str) -> None:
        with one_line_errors(name):
            act(replicas[name])

    if replicas:
        with ThreadPoolExecutor(len(replicas)) as pool:
            list(pool.map(one, replicas))


def freeze(container: "Container") -> None:
    """Pause the container.

    runc gives up after 0.2 s if a process cannot be stopped at once, for instance because it waits for a disk; the
    container then runs on. So the pause is tried again for up to 10 s.
    """
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


def with_pause_state(replicas: Replicas, *, paused: bool) -> Replicas:
    """The replicas that are paused, or those that are not."""
    return {name: item for name, item in replicas.items() if state_of(item)["Paused"] is paused}


def is_up(state: dict[str, Any]) -> bool:
    """Whether the container runs, is not restarting, and is healthy if it has a health check."""
    health = state.get("Health") or {"Status": "healthy"}
    return bool(state["Running"] and not state["Restarting"] and health["Status"] in ("healthy", "none"))


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition is true; return False if that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def watch_for_return(replicas: Replicas, ability: Ability) -> None:
    """Raise Unmeasurable if a stopped container comes back by its restart policy: such a service cannot be held
    down."""
    suspects = {name: item for name, item in replicas.items() if _policy(item) != "no"}
    if not suspects:
        return
    if wait_until(lambda: bool(living_of(suspects)), _WATCH_SECONDS):
        name, container = next(iter((living_of(suspects) or suspects).items()))
        raise Unmeasurable(
            f"{name} came back by itself after {ability} (restart policy {_policy(container)!r}), "
            "so it cannot be held down"
        )


def _policy(container: "Container") -> str:
    return str(container.attrs["HostConfig"]["RestartPolicy"]["Name"] or "no")


def await_up(name: str, container: "Container", deadline: float, *, steady: bool) -> None:
    """Wait until the container is up. Raises Unmeasurable, with the last line of its log, if it ends or takes too
    long.

    `deadline` is a time of `time.monotonic`. With `steady`, and if the engine had to restart it, a container without
    a health check must have run for 0.5 s.
    """
    steady = steady or container.attrs["RestartCount"] > 0
    started_at, since = "", time.monotonic()
    while True:
        state = state_of(container)
        if state["StartedAt"] != started_at:
            started_at, since = state["StartedAt"], time.monotonic()
        lived = time.monotonic() - since
        if is_up(state) and (not steady or "Health" in state or lived >= _STEADY_SECONDS):
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


def variables(pairs: list[str]) -> dict[str, str]:
    """Environment variables from texts of the form NAME=VALUE."""
    return dict(pair.partition("=")[::2] for pair in pairs if "=" in pair)


def usage_of(service: str, reading: dict[str, Any]) -> Usage:
    """The use of resources between two readings of the engine's counters (nanoseconds), computed as `docker stats`
    does.

    Raises Unmeasurable for a stopped container, which has no readings.
    """
    now, before, memory = reading["cpu_stats"], reading["precpu_stats"], reading["memory_stats"]
    system = now.get("system_cpu_usage", 0) - before.get("system_cpu_usage", 0)
    if system <= 0 or "usage" not in memory:
        raise Unmeasurable(f"the engine has no figures of {service}: is it running?")
    used = now["cpu_usage"]["total_usage"] - before["cpu_usage"]["total_usage"]
    cached = memory.get("stats", {}).get("inactive_file", memory.get("stats", {}).get("total_inactive_file", 0))
    return Usage(used / system * now.get("online_cpus", 1), memory["usage"] - cached, memory.get("limit"))


def sum_of_usages(usages: list[Usage]) -> Usage:
    """The sum of several readings; without a memory limit if one of them has none."""
    limits = [usage.memory_limit_bytes for usage in usages if usage.memory_limit_bytes is not None]
    return Usage(
        sum(usage.cores for usage in usages),
        sum(usage.memory_bytes for usage in usages),
        sum(limits) if len(limits) == len(usages) else None,
    )
