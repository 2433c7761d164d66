"""The files of one run: its directory, what is kept there, and the secrets that must not get there."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pytest_examday.run.progress import ProgressFile
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore


@dataclass(frozen=True)
class RunFiles:
    """The run directory, and the one redactor through which every text goes there."""

    directory: Path
    redactor: Redactor

    @cached_property
    def store(self) -> EvidenceStore:
        """The evidence of the activities."""
        return EvidenceStore(self.directory, self.redactor)

    @cached_property
    def progress(self) -> ProgressFile:
        """What people are told while the run goes on."""
        return ProgressFile(self.directory / "progress.jsonl")

    @property
    def ledger(self) -> Path:
        """The folder of what the load wrote down: ledgers, samples, fates."""
        return self.directory / "ledger"

    @property
    def logs(self) -> Path:
        """The folder of the logs: the rehearsal's own, and those of the processes that it started."""
        return self.directory / "logs"
