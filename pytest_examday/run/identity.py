"""The identity of a run, kept in the file `run.json` of its run directory."""

import secrets as random_names
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from pytest_examday.errors import UsageProblem
from pytest_examday.evidence.first_mistake import first_mistake
from pytest_examday.evidence.origin import Origin, RunIdentity
from pytest_examday.monotonic_clock import now_utc
from pytest_examday.named_files import read_file

RUN_FILE = "run.json"


def write_identity(directory: Path, environment: str, profile: str) -> None:
    """Write `run.json` with a new id. Raises OSError if it cannot be written."""
    began = now_utc()
    identity = RunIdentity(
        environment=environment,
        profile=profile,
        run=f"{began:%Y%m%dT%H%M%SZ}-{random_names.token_hex(4)}",
        version=version("pytest-examday"),
        began=began,
    )
    (directory / RUN_FILE).write_text(identity.to_json(indent=1) + "\n", encoding="utf-8")


def identity_of(directory: Path) -> RunIdentity:
    """The contents of `run.json`. Raises UsageProblem if there is none that can be read."""
    path = directory / RUN_FILE
    try:
        return RunIdentity.model_validate_json(read_file(path))
    except ValidationError as problem:
        raise UsageProblem(f"{path} is damaged: {first_mistake(problem)}") from None
    except OSError as problem:
        raise UsageProblem(f"{path} cannot be read: {problem.strerror}") from None


def origin_of(directory: Path) -> Origin | None:
    """The origin of the evidence in a run directory; None if no run has made it."""
    if not (directory / RUN_FILE).exists():
        return None
    identity = dict(identity_of(directory))
    return Origin(**{name: identity[name] for name in Origin.model_fields})
