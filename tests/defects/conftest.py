"""Rehearsals on platforms with and without a defect."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from .harness import Defect, Outcome, rehearse


@pytest.fixture
def rehearsed(tmp_path: Path) -> Callable[[Defect], Outcome]:
    """Rehearses on a platform of its own that has the defect."""
    return lambda defect: rehearse(tmp_path, defect)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Outcome:
    """The same rehearsal on a platform without any defect, once for all processes that test."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "clean"
    folder.mkdir(exist_ok=True)
    note = folder / "outcome.json"
    with FileLock(folder / "outcome.lock"):
        if not note.exists():
            made = rehearse(folder, Defect())
            note.write_text(json.dumps([made.exit_status, made.output, str(made.directory)]))
    exit_status, output, directory = json.loads(note.read_text())
    return Outcome(exit_status, output, Path(directory))
