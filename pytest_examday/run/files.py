"""The files of one run."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pytest_examday.lone_surrogates import without_lone_surrogates
from pytest_examday.run.progress import ProgressFile
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore

OPENED_FILE = "opened.jsonl"
"""The file of a run directory with the ids of the exams that were opened outside of a load, one text a line."""


@dataclass(frozen=True)
class RunFiles:
    """The run directory, and the redactor that removes secrets from every text that is written there."""

    directory: Path
    redactor: Redactor

    @cached_property
    def store(self) -> EvidenceStore:
        """The evidence files of the activities."""
        return EvidenceStore(self.directory, self.redactor)

    @cached_property
    def progress(self) -> ProgressFile:
        """The progress file, `progress.jsonl`."""
        return ProgressFile(self.directory / "progress.jsonl", self.redactor.clean)

    @property
    def ledger(self) -> Path:
        """The folder of the load's files: ledgers, samples, and how each actor ended."""
        return self.directory / "ledger"

    def note_opened(self, subject: str) -> None:
        """Note what a request outside of a load has opened, by its id; `clean` removes it."""
        with (self.directory / OPENED_FILE).open("a", encoding="utf-8") as file:
            file.write(without_lone_surrogates(json.dumps(subject)) + "\n")

    def first_opened(self) -> str | None:
        """The id of what the run opened first; None if it opened nothing outside of a load."""
        try:
            with (self.directory / OPENED_FILE).open(encoding="utf-8") as file:
                return str(json.loads(file.readline()))
        except (OSError, ValueError):
            return None

    @property
    def logs(self) -> Path:
        """The folder of logs: of the rehearsal, and of the processes that it started."""
        return self.directory / "logs"
