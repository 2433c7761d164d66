"""The verdict of a run that is over, as it is read from `verdict.json`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from pytest_examday.core.outcome import Outcome
from pytest_examday.core.verdict import JudgedAgain, VerdictWord
from pytest_examday.errors import UsageProblem
from pytest_examday.evidence.first_mistake import first_mistake
from pytest_examday.named_files import is_folder, read_file
from pytest_examday.record import Record
from pytest_examday.run.run_directory import VERDICT_FILE


class SavedGate(Record, extra="ignore"):
    """What is read of a gate."""

    name: str
    outcome: Outcome


class SavedVerdict(Record, extra="ignore"):
    """What is read of `verdict.json`. Later versions may add keys, which are ignored; `Verdict` explains these."""

    schema_: Literal["examday/verdict/1"] = Field(alias="schema")
    verdict: VerdictWord
    run: str
    environment: str
    profile: str
    directory: str
    judged_from: str
    judged_again: JudgedAgain | None = None
    judged_sha256: dict[str, str]
    gates: tuple[SavedGate, ...]
    obstacles: tuple[str, ...]
    suites: tuple[str, ...]
    embedded: bool
    weaker_limits: tuple[str, ...]


def saved_verdict(directory: Path) -> SavedVerdict:
    """The verdict of the run in this directory. Raises UsageProblem if there is none that can be read."""
    if not is_folder(directory):
        raise UsageProblem("no such directory")
    try:
        return SavedVerdict.model_validate_json(read_file(directory / VERDICT_FILE))
    except FileNotFoundError:
        raise UsageProblem(f"{VERDICT_FILE} is missing: the run made no verdict") from None
    except ValidationError as problem:
        raise UsageProblem(f"{VERDICT_FILE} is damaged: {first_mistake(problem)}") from None
    except OSError as problem:
        raise UsageProblem(f"{VERDICT_FILE} cannot be read: {problem.strerror}") from None
