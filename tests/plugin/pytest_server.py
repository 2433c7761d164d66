"""Runs `python -m pytest` in processes that are forked from one that has imported pytest and the plugin already.

A run of pytest in a process of its own spends most of its time on imports. This program makes them once, in a first run
with the arguments of its command line, and then forks a child for each line on its standard input. A child ends as any
interpreter does, with its cleanups and its exit status.
"""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_POLL_SECONDS = 0.01


class PytestServer:
    """The program, as tests use it. It runs in the folder."""

    def __init__(self, folder: Path, *first_run: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, *first_run], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._expect("ready")

    def run(
        self, arguments: Sequence[str], folder: Path, variables: Mapping[str, str], seconds: float
    ) -> tuple[int, str]:
        """Run `python -m pytest` with these arguments in the folder, with these environment variables alone, for at
        most so many seconds. Returns the exit status, and the output with the error output after it."""
        output, errors = folder / ".output", folder / ".errors"
        order = {
            "arguments": list(arguments),
            "folder": str(folder),
            "variables": dict(variables),
            "output": str(output),
            "errors": str(errors),
            "seconds": seconds,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = int(self._expect("status"))
        said = output.read_text(errors="replace") + errors.read_text(errors="replace")
        output.unlink()
        errors.unlink()
        return status, said

    def close(self) -> None:
        """End the program."""
        self._process.communicate(timeout=30)

    def _expect(self, word: str) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        said, _, rest = line.strip().partition(" ")
        assert said == word, f"the server of pytest said {line!r}; its exit status is {self._process.poll()}"
        return rest


def _next_order(orders: IO[str], replies: IO[str]) -> dict[str, Any] | None:
    """Fork a child for each order, and reply with its exit status. Returns its order in each child, and None once
    there are no more orders."""
    for line in orders:
        order: dict[str, Any] = json.loads(line)
        child = os.fork()
        if child == 0:
            return order
        print("status", _status_of(child, order["seconds"]), file=replies, flush=True)
    return None


def _status_of(child: int, seconds: float) -> int:
    """The exit status of a child; one that takes longer is killed."""
    deadline = time.monotonic() + seconds
    ended, status = os.waitpid(child, os.WNOHANG)
    while not ended:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)
        ended, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status)


def _become(order: Mapping[str, Any]) -> None:
    """Make this process one that has been started in the folder with `python -m pytest` and the arguments."""
    for name, descriptor in (("output", 1), ("errors", 2)):
        file = os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(order["variables"])
    os.chdir(order["folder"])
    sys.path[0] = order["folder"]
    sys.argv = ["pytest", *order["arguments"]]


def main(first_run: Sequence[str]) -> None:
    """Make the first run, and serve. In a child this is the run of pytest itself."""
    import pytest

    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    status = pytest.main(list(first_run))
    sys.stdout.flush()  # or each child would write it once more
    print("ready" if status == 0 else f"failed {status}", file=replies, flush=True)
    order = _next_order(sys.stdin, replies)
    if order is not None:
        replies.close()
        _become(order)
        runpy.run_module("pytest", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
