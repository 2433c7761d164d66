"""Runs pytest with malformed configurations, and counts those that do not end as a user's mistake should.

`python -m benchmarks.malformed_configurations --count 1000 --seed 12`. Each configuration is a good one that is spoilt
(`benchmarks.malformed`); `pytest --env x --collect-only` reads it. It is either accepted, because nothing that matters
was spoilt, or it ends with status 4 and lines that name the file and the key (for a file that cannot be read or
parsed: the file). No line may be a traceback, hold a word of the validator, or the password of the configuration.
"""

import argparse
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.malformed import PASSWORD, spoilt
from tests.config.validators_words import said_by_the_validator
from tests.pytest_command import PLUGINS

DEADLINE_SECONDS = 60
_USAGE = 4
_LOADED_ONCE = (
    "pytest_examday.fixtures",
    "pytest_examday.session.activate",
    "pytest_examday.hookspecs",
    "psycopg",
    "redis",
)
_KEY = r'(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*")(?:\.(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*")|\[\d+\])*'
_WITH_KEY = re.compile(rf"{_KEY}(?:, {_KEY})*: \S")
_WHOLE_FILE = (
    "not valid TOML: ",
    "cannot be read: ",
    "no such file",
    "holds a number that is too long",
    "holds tables or",
)


@dataclass(frozen=True)
class Ended:
    """How one run has ended: its number, what was spoilt, whether it was refused, and what is wrong with its end."""

    number: int
    done: tuple[str, ...]
    refused: bool
    lines: int
    wrong: str | None


def campaign(count: int, seed: int) -> Iterator[Ended]:
    """The ends of this many runs."""
    for module in _LOADED_ONCE:  # before the children are made
        import_module(module)
    for number in range(count):
        made = spoilt(random.Random(f"{seed}-{number}"))
        with tempfile.TemporaryDirectory(prefix="examday-malformed-") as name:
            folder = Path(name)
            made.write(folder)
            status, output = _run(folder)
        lines = [line.removeprefix("ERROR: ") for line in output.splitlines() if line.startswith("ERROR: ")]
        wrong = what_is_wrong(status, output, lines, folder)
        yield Ended(number, tuple(made.done), status == _USAGE, len(lines), wrong)


def _run(folder: Path) -> tuple[int | str, str]:
    """The exit status of a run of pytest in a child of this process, and what it printed."""
    with (folder / "printed").open("w+b") as printed:
        child = os.fork()
        if child == 0:
            _become_pytest(folder, printed.fileno())
        until = time.monotonic() + DEADLINE_SECONDS
        while True:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid or time.monotonic() > until:
                break
            time.sleep(0.01)
        if not pid:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "hangs", ""
        printed.seek(0)
        return os.waitstatus_to_exitcode(status), printed.read().decode("utf-8", "replace")


def _become_pytest(folder: Path, printed: int) -> None:
    status = 99
    try:
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        os.chdir(folder)
        status = int(pytest.main([*PLUGINS, "-p", "no:xdist", "--env", "x", "--collect-only", "-q"]))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def what_is_wrong(status: int | str, output: str, lines: list[str], folder: Path) -> str | None:
    """What is wrong with the end of a run; None if nothing is."""
    told = "\n".join(lines) if status == _USAGE else output
    if status == "hangs":
        return "it hangs"
    if "Traceback" in output or "INTERNALERROR" in output or status not in (_USAGE, 0, 1):
        return f"status {status}: {output[-400:]}"
    if (word := said_by_the_validator(told) or (PASSWORD if PASSWORD in output else None)) is not None:
        return f"says {word!r}: {told[:400]}"
    if status != _USAGE:
        return (
            None if "nothing was run, only collected" in output else f"status {status} without a word: {output[-400:]}"
        )
    return _unnamed(lines, folder) if lines else f"says nothing: {output[-400:]}"


def _unnamed(lines: list[str], folder: Path) -> str | None:
    """The first line that does not name file and key."""
    return next((f"names no file and key: {line[:400]}" for line in lines if not _names(line, folder)), None)


def _names(line: str, folder: Path) -> bool:
    """Whether a line names the file and the key; or the environment that is not there, or what an empty one lacks."""
    if line.startswith(
        ("--env x: unknown environment; ", "no suite can be rehearsed: suite exam: env.x.api_url is not set")
    ):
        return True
    file = f"{folder / 'examday.toml'}: "
    rest = line.removeprefix(file)
    return rest != line and (rest.startswith(_WHOLE_FILE) or _WITH_KEY.match(rest) is not None)


def main() -> int:
    """Run the campaign, and print its counts and every end that is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=12)
    given = parser.parse_args()
    refused = accepted = lines = bad = 0
    ways: Counter[str] = Counter()
    for end in campaign(given.count, given.seed):
        refused += end.refused
        accepted += not end.refused and end.wrong is None
        lines += end.lines
        ways.update(" ".join(one.split()[:2]) for one in end.done)
        if end.wrong is not None:
            bad += 1
            print(f"{end.number}: {'; '.join(end.done)}: {end.wrong}")
    print(f"seed {given.seed}: {given.count} configurations, {sum(ways.values())} changes")
    print(f"refused in our words: {refused}, in {lines} lines; accepted: {accepted}; wrong: {bad}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
