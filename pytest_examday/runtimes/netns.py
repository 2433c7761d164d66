"""Runs commands in a container's network namespace, from this machine or inside the container."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import CommandResult
from pytest_examday.runtimes.container import state_of
from pytest_examday.runtimes.docker_exec import execute

if TYPE_CHECKING:
    from docker.models.containers import Container

_COMMAND_SECONDS = 10
_NOT_THERE = (126, 127)


def entrance(container: "Container") -> list[str]:
    """The words to put before a command of this machine so that it runs in the container's network.

    Raises Unmeasurable with the reason if that is not possible.
    """
    if os.geteuid() != 0:
        raise Unmeasurable("only root may enter its network from here")
    if shutil.which("nsenter") is None:
        raise Unmeasurable("nsenter (package util-linux) is missing here")
    pid = int(state_of(container)["Pid"])
    if pid == 0:
        raise Unmeasurable("it is not running")
    if not _is_ours(pid, str(container.id)):
        raise Unmeasurable("the engine runs on another machine, or in a virtual one")
    return ["nsenter", "--target", str(pid), "--net"]


def _is_ours(pid: int, container: str) -> bool:
    """Whether the process with this id on this machine belongs to the container; an engine elsewhere gives ids of its
    own machine."""
    try:
        return container in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
    except OSError:
        return False


def run_from_here(container: "Container", command: list[str]) -> CommandResult:
    """Run a command of this machine in the container's network."""
    return run_here([*entrance(container), *command])


def run_here(command: list[str]) -> CommandResult:
    """Run a command of this machine. Raises Unmeasurable if it is missing or does not end within 10 s."""
    if shutil.which(command[0]) is None:
        raise Unmeasurable(f"{command[0]} is missing here")
    try:
        ran = subprocess.run(command, capture_output=True, timeout=_COMMAND_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unmeasurable(f"{command[0]} did not end within {_COMMAND_SECONDS} s") from None
    return CommandResult(ran.returncode, (ran.stdout + ran.stderr).decode(errors="replace").strip())


def run_inside(container: "Container", command: list[str]) -> CommandResult:
    """Run a command of the container inside it, with the rights to change its network."""
    ran = execute(container, command, privileged=True)
    if ran.exit_status in _NOT_THERE:
        raise Unmeasurable(f"it has no {command[0]}")
    return ran
