"""What outlives a run: one folder for each platform that holds the lock of the rehearsal under way and the journal
of the faults that are in.

It lies in the user's state directory, not among the run directories: the next run has another run directory, may be
started from another checkout or folder, and `rehearsals/` is cleaned by hand and by CI, with it the only word of a
fault that is still in. Its name comes from what is rehearsed, not from the environment's name: two configurations
that call one platform by different names share the lock, two projects that each have a `staging` do not.
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
from pytest_examday.config.runtimes import PlatformRuntime

VARIABLE = "EXAMDAY_STATE_DIR"
"""Names the folder of all platforms; rehearsals from several machines or users see each other where it is shared."""


def state_root(variables: Mapping[str, str] | None = None) -> Path:
    """Where the folders of all platforms lie."""
    variables = os.environ if variables is None else variables
    if variables.get(VARIABLE):
        return Path(variables[VARIABLE]).absolute()
    base = variables.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "pytest-examday"


def state_directory_of(environment: Environment, variables: Mapping[str, str] | None = None) -> Path:
    """The folder of this environment's platform; it need not exist."""
    target = _target(environment)
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", target).strip("-")[-40:].strip("-")
    return state_root(variables) / f"{readable}-{hashlib.sha256(target.encode()).hexdigest()[:10]}"


def _target(environment: Environment) -> str:
    """What is rehearsed: the API's address without user and path, or the embedded platform's state file."""
    runtime = environment.runtime
    if isinstance(runtime, PlatformRuntime) and runtime.state is not None:
        return f"{socket.gethostname()}:{runtime.state.absolute()}"
    if environment.api_url is None:
        return f"env.{environment.name}"
    parts = urlsplit(str(environment.api_url))
    host = parts.hostname or ""
    here = f"{socket.gethostname()}:" if is_loopback(host) else ""
    return f"{here}{host}:{parts.port or {'http': 80, 'https': 443}.get(parts.scheme)}"
