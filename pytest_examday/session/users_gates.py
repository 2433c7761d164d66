"""The user's gates of a run: every process writes the names of those that it has collected into the run directory."""

import json
import os
from pathlib import Path

import pytest

from pytest_examday.errors import UsageProblem
from pytest_examday.session.items import RehearsalItem
from pytest_examday.session.marks import gate_name
from pytest_examday.session.rehearsal import REHEARSAL


def note_users_gates(directory: Path, items: list[pytest.Item]) -> None:
    """Write the names of the user's gates into the run directory, so that a gate stays expected if every process
    that collected it dies.

    Raises UsageProblem if a user's gate has the name of a gate of any suite, also of one that was left out of
    this run: in the verdicts of two runs, one name must not mean two gates.
    """
    names: list[str] = []
    for item in items:
        name = None if isinstance(item, RehearsalItem) else gate_name(item)
        if name is None:
            continue
        owner = item.config.stash[REHEARSAL].suite_of_gate.get(name)
        if owner is not None:
            raise UsageProblem(f"{item.nodeid}: {name} is a gate of the suite {owner}; choose another name")
        names.append(name)
    if names:
        path = directory / f".gates-{os.getpid()}.json"
        path.write_text(json.dumps(names), encoding="utf-8")


def users_gates(directory: Path) -> tuple[str, ...]:
    """The user's gates that any process of the run has collected."""
    names: list[str] = []
    for path in sorted(directory.glob(".gates-*.json")):
        names += json.loads(path.read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(names))
