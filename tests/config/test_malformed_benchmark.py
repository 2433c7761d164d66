"""Malformed configurations by the dozen end as a user's mistake does; `benchmarks.malformed_configurations` makes a
thousand."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.malformed import PASSWORD, spoilt
from benchmarks.malformed_configurations import what_is_wrong

FOLDER = Path("/work")
FILE = f"ERROR: {FOLDER / 'examday.toml'}"


def test_sixty_malformed_configurations_end_with_lines_that_name_file_and_key(checkout: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.malformed_configurations", "--count", "60", "--seed", "7"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=280, check=False)
    counts = re.search(r"refused in our words: (\d+), in \d+ lines; accepted: (\d+); wrong: 0", done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert counts is not None, done.stdout
    assert int(counts[1]) > 40
    assert int(counts[1]) + int(counts[2]) == 60


@pytest.mark.parametrize(
    ("status", "output", "told"),
    [
        ("hangs", "", "it hangs"),
        (3, "INTERNALERROR> boom", "status 3"),
        (4, f"{FILE}: env.x.allow: is wrong\nTraceback (most recent call last)", "status 4"),
        (0, "1 passed", "status 0 without a word"),
        (4, "usage: pytest", "says nothing"),
        (4, f"{FILE}: env.x.allow: Input should be a valid tuple", "says 'Input should'"),
        (4, f"{FILE}: env.x.admin: {PASSWORD} is wrong", f"says '{PASSWORD}'"),
        (4, f"{FILE}: something is wrong", "names no file and key"),
        (4, "ERROR: env.x.allow: must be a list", "names no file and key"),
        (4, f"{FILE}: env.x.allow: must be a list\nERROR: and more", "names no file and key"),
    ],
)
def test_an_end_that_is_wrong_is_seen(status: int | str, output: str, told: str) -> None:
    lines = [line.removeprefix("ERROR: ") for line in output.splitlines() if line.startswith("ERROR: ")]
    assert (what_is_wrong(status, output, lines, FOLDER) or "").startswith(told)


@pytest.mark.parametrize(
    "output",
    [
        f'{FILE}: env.x.allow[0]: must be a list\n{FILE}: env."a b".c, env.d: the environment variable A is not set',
        f"{FILE}: not valid TOML: Invalid value (at line 1, column 3)",
    ],
)
def test_an_end_in_our_words_is_none(output: str) -> None:
    lines = [line.removeprefix("ERROR: ") for line in output.splitlines()]
    assert what_is_wrong(4, output, lines, FOLDER) is None


def test_a_seed_always_spoils_in_the_same_way() -> None:
    first, second, other = (spoilt(random.Random(seed)) for seed in ("12-3", "12-3", "12-4"))
    assert (first.done, repr(first.table), first.people) == (second.done, repr(second.table), second.people)
    assert first.done != other.done
