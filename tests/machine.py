"""What some tests need of the machine besides Python, and what of it is missing.

`.ci/run` installs and starts all of it, and sets the variable CI: then nothing is left out, and what is missing fails.
On another machine the tests that need it are left out, and the end of the run says which.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import pytest

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OF_CONTAINERS = ("tc", "iptables", "nginx")


def find_chromium() -> str | None:
    """The browser named by the variable CHROMIUM, or the first one on the path."""
    return os.environ.get("CHROMIUM") or next((path for name in _BROWSERS if (path := shutil.which(name))), None)


class Need(NamedTuple):
    """What tests need: in words, whether it is there, and whether a test needs it."""

    what: str
    there: Callable[[], bool]
    needed_by: Callable[[pytest.Item], bool]


@cache
def _containers() -> bool:
    """Whether an engine answers, and its containers can be equipped with this machine's programs."""
    ping = (sys.executable, "-c", "import docker; docker.from_env(timeout=10).ping()")
    answers = subprocess.run(ping, check=False, capture_output=True).returncode == 0
    return answers and os.geteuid() == 0 and all(map(shutil.which, _OF_CONTAINERS))


NEEDS = (
    Need(
        "root, a Docker engine, tc, iptables and nginx",
        _containers,
        lambda item: item.nodeid.startswith("tests/docker/"),
    ),
    Need(
        "a Chromium", lambda: find_chromium() is not None, lambda item: "browser" in getattr(item, "fixturenames", ())
    ),
)


def missing() -> Iterator[Need]:
    """What is missing on this machine. With the variable CI nothing is: tests that need it then fail."""
    if not os.environ.get("CI"):
        yield from (need for need in NEEDS if not need.there())
