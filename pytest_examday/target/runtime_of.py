"""Makes the runtime of an environment."""

from glob import glob

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import CommandSettings, DockerSettings
from pytest_examday.runtimes import command, docker, embedded_runtime
from pytest_examday.runtimes.base import Runtime
from pytest_examday.runtimes.log_command import with_log_command
from pytest_examday.runtimes.none import NoServices
from pytest_examday.target.embedded import EmbeddedPlatform


def runtime_of(environment: Environment, embedded: EmbeddedPlatform) -> Runtime:
    """The runtime that the environment configures, with network delays by Toxiproxy and a log by a command if those are
    configured."""
    runtime = _own_runtime(environment, embedded)
    if environment.log_command is not None:
        where = f"env.{environment.name}.log_command"
        runtime = with_log_command(runtime, environment.log_command, where, environment.command_variables)
    if environment.toxiproxy is None:
        return runtime
    from pytest_examday.runtimes.toxiproxy import behind_toxiproxy  # it loads an HTTP client

    return behind_toxiproxy(runtime, environment.toxiproxy)


def _own_runtime(environment: Environment, embedded: EmbeddedPlatform) -> Runtime:
    if embedded.state_path is not None:
        return embedded_runtime.EmbeddedRuntime(embedded.state_path)
    files = tuple(sorted(path for pattern in environment.logs for path in glob(pattern)))  # noqa: PTH207 # may be absolute
    configured = environment.runtime
    variables = environment.command_variables
    if isinstance(configured, DockerSettings):
        return docker.DockerRuntime(configured, environment.name, files, variables)
    if isinstance(configured, CommandSettings):
        return command.CommandRuntime(configured, environment.name, files, variables)
    return NoServices(environment.name, files)
