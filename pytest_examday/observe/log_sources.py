"""The logs of a platform, each with the format of its lines."""

from typing import NamedTuple

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import ServiceNames
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.runtimes.base import Runtime


class LogSource(NamedTuple):
    """A log: the path of a file or the name of a service, and what its lines hold."""

    name: str
    form: LogFormat


def log_sources(environment: Environment, runtime: Runtime) -> tuple[LogSource, ...]:
    """The logs that the configuration or the runtime names, and the services that `log_format.of` names besides.

    Raises Unmeasurable if the log format is not configured, or if the runtime cannot name its logs.
    """
    form = environment.platform.log_format
    names = runtime.log_sources()
    read = {*names, *_stands_for_workers(environment)}
    services = runtime.services() if form.of else ()
    others = (name for name in form.of if name in services and name not in read)
    return tuple(LogSource(name, form.of_log(name)) for name in (*names, *others))


def _stands_for_workers(environment: Environment) -> tuple[str, ...]:
    """The service of which the runtime names each worker as a log of its own."""
    elsewhere = environment.logs or environment.log_command is not None
    runtime = environment.runtime
    return (runtime.backend,) if isinstance(runtime, ServiceNames) and not elsewhere else ()
