"""The address of a runtime as the fault journal keeps it: how to reach the runtime again, without secrets."""

from pathlib import Path

from pydantic import JsonValue

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.runtimes import DockerSettings, EmbeddedSettings
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.faults.journal import IntendedFault
from pytest_examday.runtimes.docker_engine import address_of
from pytest_examday.runtimes.embedded_state import read_state
from pytest_examday.safety.owner import is_alive
from pytest_examday.safety.state_directory import state_directory_of

RuntimeAddress = dict[str, JsonValue]


def runtime_address_of(environment: Environment) -> RuntimeAddress:
    """The address of an environment's runtime. Raises Unmeasurable if the platform is not running."""
    import psutil

    runtime = environment.runtime
    if isinstance(runtime, DockerSettings) and environment.toxiproxy is None:
        return {"kind": "docker", "containers": _containers(runtime)}
    if not isinstance(runtime, EmbeddedSettings) or runtime.state is None:
        return {"kind": runtime.kind}
    pid = read_state(runtime.state).supervisor_pid
    try:
        began = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        raise Unmeasurable(f"the platform of {runtime.state} is not running: its supervisor {pid} is gone") from None
    return {"kind": "embedded", "state": str(runtime.state.absolute()), "supervisor": pid, "began": began}


def _containers(runtime: DockerSettings) -> JsonValue:
    """The engine and the containers. Jobs are left out: their shell commands may hold secrets, and healing runs
    none."""
    settings = runtime.model_copy(update={"socket": address_of(runtime)})
    values: JsonValue = settings.model_dump(mode="json", exclude={"jobs"}, exclude_none=True)
    return values


def platform_has_ended(runtime_address: RuntimeAddress) -> bool:
    """Whether the embedded platform at this address has ended. Its services, and a fault in them, end with its
    supervisor. False for every other platform."""
    pid, began = runtime_address.get("supervisor"), runtime_address.get("began")
    return isinstance(pid, int) and isinstance(began, float) and not is_alive(pid, began)


def environment_of(fault: IntendedFault, folder: Path) -> Environment:
    """The environment of a fault, for a process that knows only the journal.

    What lasts for a whole run, and faults that commands take out, need the configuration in `folder`: a journal may
    name any file, so it does not decide whose commands are run. Raises Unmeasurable if that configuration lacks the
    environment, or names another platform.
    """
    state, containers = fault.runtime_address.get("state"), fault.runtime_address.get("containers")
    owner = fault.owner
    if isinstance(containers, dict) and fault.lasts == "drill":
        return Environment(name=owner.environment, runtime=DockerSettings.model_validate(containers))
    if isinstance(state, str) and fault.lasts == "drill":
        return Environment(name=owner.environment, runtime=EmbeddedSettings(kind="embedded", state=Path(state)))
    place = f"env.{owner.environment} of the configuration in {folder}"
    try:
        environment = load_environment(owner.environment, None, None, (folder,), healing=True)
    except UsageProblem as problem:
        mistakes = "; ".join(problem.mistakes)
        raise Unmeasurable(f"{mistakes}; the rehearsal had the configuration {owner.config}") from None
    if environment.api_url is None and not isinstance(environment.runtime, EmbeddedSettings):
        raise Unmeasurable(
            f"which platform {place} names cannot be known: set the variable API_URL as it was in the rehearsal"
        )
    if state_directory_of(environment) != Path(fault.journal).parent:
        raise Unmeasurable(f"{place} names another platform; the rehearsal had the configuration {owner.config}")
    return environment
