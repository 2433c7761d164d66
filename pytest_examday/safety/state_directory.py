"""The state directory: one folder for each platform, which outlives a run.

It holds the lock of the running rehearsal and the journal of the faults that are in. It lies below XDG_STATE_HOME and
not in a run directory: the next run has another run directory and may start from another checkout, and `rehearsals/`
may be cleaned while a fault is still in. Its name is derived from the platform's address and not from the environment's
name, so two configurations that call one platform by different names share it, and two projects that each have a
`staging` do not.
"""

import hashlib
import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pytest_examday.config.environment import Environment
from pytest_examday.config.hosts import is_loopback
from pytest_examday.config.runtimes import EmbeddedSettings
from pytest_examday.config.suite_addresses import addresses_of_suites
from pytest_examday.errors import UsageProblem

VARIABLE = "EXAMDAY_STATE_DIR"
"""Environment variable with the folder of all state directories. Share that folder if several users or machines
rehearse on the same platforms."""


def state_root(variables: Mapping[str, str] | None = None) -> Path:
    """The folder that holds the state directories of all platforms. Raises UsageProblem if neither a variable nor
    the user's home tells it."""
    variables = os.environ if variables is None else variables
    if variables.get(VARIABLE):
        return Path(variables[VARIABLE]).absolute()
    base = variables.get("XDG_STATE_HOME")
    if base:
        return Path(base) / "pytest-examday"
    try:
        return Path.home() / ".local" / "state" / "pytest-examday"
    except RuntimeError:
        raise UsageProblem(
            f"this user has no home folder, in which locks and fault journals lie: set HOME, or {VARIABLE} to a folder "
            "that outlives the run"
        ) from None


def state_directory_of(environment: Environment, variables: Mapping[str, str] | None = None) -> Path:
    """The state directory of the environment's platform; it need not exist."""
    target = _target(environment)
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", target).strip("-")[-40:].strip("-")
    return state_root(variables) / f"{readable}-{hashlib.sha256(target.encode()).hexdigest()[:10]}"


def _target(environment: Environment) -> str:
    """The platform's identity: the API's host and port, or the path of the embedded platform's state file. If the
    environment has no API but suites with tables of their own, the first web address of those stands for it."""
    runtime = environment.runtime
    if isinstance(runtime, EmbeddedSettings) and runtime.state is not None:
        return f"{socket.gethostname()}:{runtime.state.absolute()}"
    of_suites = (address.text for address in addresses_of_suites(environment.suites) if address.kind == "http")
    api_url = next(of_suites, None) if environment.api_url is None else str(environment.api_url)
    if api_url is None:
        return f"env.{environment.name}"
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    here = f"{socket.gethostname()}:" if is_loopback(host) else ""
    return f"{here}{host}:{parts.port or {'http': 80, 'https': 443}.get(parts.scheme)}"
