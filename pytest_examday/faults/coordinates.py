"""Coordinates: where a runtime is, as a journal keeps it, without secrets."""

from pathlib import Path

from pydantic import JsonValue

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.runtimes import DockerRuntime, PlatformRuntime
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.faults.journal import Intended
from pytest_examday.guards.owner import is_alive
from pytest_examday.guards.state_directory import state_directory_of
from pytest_examday.runtimes.docker_engine import address_of
from pytest_examday.runtimes.platform_state import read_state

Coordinates = dict[str, JsonValue]


def coordinates_of(environment: Environment) -> Coordinates:
    """The coordinates of an environment's runtime. Raises Unmeasurable if the platform is not running."""
    import psutil

    runtime = environment.runtime
    if isinstance(runtime, DockerRuntime) and environment.toxiproxy is None:
        return {"kind": "docker", "containers": _containers(runtime)}
    if not isinstance(runtime, PlatformRuntime) or runtime.state is None:
        return {"kind": runtime.kind}
    pid = read_state(runtime.state).supervisor_pid
    try:
        began = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        raise Unmeasurable(f"the platform of {runtime.state} is not running: its supervisor {pid} is gone") from None
    return {"kind": "platform", "state": str(runtime.state.absolute()), "supervisor": pid, "began": began}


def _containers(runtime: DockerRuntime) -> JsonValue:
    """The engine and the containers. Jobs are left out: their shell commands may hold secrets, and healing runs
    none."""
    found = runtime.model_copy(update={"socket": address_of(runtime)})
    values: JsonValue = found.model_dump(mode="json", exclude={"jobs"}, exclude_none=True)
    return values


def platform_is_over(coordinates: Coordinates) -> bool:
    """Whether the embedded platform at these coordinates has ended. Its services, and a fault in them, end with its
    supervisor. False for every other platform."""
    pid, began = coordinates.get("supervisor"), coordinates.get("began")
    return isinstance(pid, int) and isinstance(began, float) and not is_alive(pid, began)


def environment_of(fault: Intended, folder: Path) -> Environment:
    """The environment of a fault, for a process that knows only the journal.

    Where commands are needed, they are those of the configuration in `folder`: a journal may name any file, so it does
    not decide whose commands are run. Raises Unmeasurable if that configuration lacks the environment, or names another
    platform.
    """
    state, containers = fault.coordinates.get("state"), fault.coordinates.get("containers")
    owner = fault.owner
    if isinstance(containers, dict):
        return Environment(name=owner.environment, runtime=DockerRuntime.model_validate(containers))
    if isinstance(state, str):
        return Environment(name=owner.environment, runtime=PlatformRuntime(kind="platform", state=Path(state)))
    told = f"env.{owner.environment} of the configuration in {folder}"
    try:
        environment = load_environment(owner.environment, None, None, (folder,), healing=True)
    except UsageProblem as problem:
        mistakes = "; ".join(problem.mistakes)
        raise Unmeasurable(f"{mistakes}; the rehearsal had the configuration {owner.config}") from None
    if environment.api_url is None and not isinstance(environment.runtime, PlatformRuntime):
        raise Unmeasurable(
            f"which platform {told} names cannot be known: set the variable API_URL as it was in the rehearsal"
        )
    if state_directory_of(environment) != Path(fault.journal).parent:
        raise Unmeasurable(f"{told} names another platform; the rehearsal had the configuration {owner.config}")
    return environment
