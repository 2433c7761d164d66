"""Makes the run directory."""

import contextlib
import json
import os
import secrets as random_names
import unicodedata
from pathlib import Path

from pytest_examday.errors import UsageProblem
from pytest_examday.monotonic_clock import now_utc
from pytest_examday.named_files import read_file
from pytest_examday.run.identity import RUN_FILE, write_identity
from pytest_examday.run.manifest import MANIFEST_FILE
from pytest_examday.run.reserved_room import reserve_room

VERDICT_FILE = "verdict.json"
_LEFT_BY_A_RUN = (RUN_FILE, MANIFEST_FILE, VERDICT_FILE, "evidence/*", ".expected-*", ".gates-*")

_BREAKS_LINES = ("Cc", "Zl", "Zp")
"""The categories of Unicode for control characters and for separators of lines and paragraphs."""
_OWNER_ONLY = 0o700
"""The permissions of the folders that a run makes. A folder that a person has made keeps its own permissions."""


def is_run_directory(path: Path) -> bool:
    """Whether a run has left something in the folder. Raises OSError if the folder cannot be read."""
    return any(True for pattern in _LEFT_BY_A_RUN for _ in path.glob(pattern))


def make_run_directory(
    explicit: str | None, environment: str, profile: str, base: Path, *, judges_again: bool = False
) -> Path:
    """Make the run directory: `explicit` if it is given, otherwise `BASE/rehearsals/<UTC stamp>-<environment>`.
    Its `run.json` says which run it is.

    `rehearsals/latest` then points to it, unless the run `judges_again` what an earlier run has measured: the link
    leads to evidence. Raises UsageProblem if the directory cannot be written or is not empty, or if its path holds
    control characters, which would break the lines that name it.
    """
    stamp = now_utc().strftime("%Y%m%dT%H%M%SZ")
    path = Path(explicit) if explicit else base / "rehearsals" / f"{stamp}-{environment}"
    path = path.absolute()
    if explicit is None and path.exists():
        path = path.with_name(f"{path.name}-{random_names.token_hex(2)}")
    if any(unicodedata.category(character) in _BREAKS_LINES for character in str(path)):
        raise UsageProblem(f"run directory {str(path)!r}: its path holds a line break or another control character")
    try:
        if is_run_directory(path):
            raise UsageProblem(f"--examday-dir {explicit}: already holds a rehearsal; choose an empty or new directory")
        if path.is_dir() and any(path.iterdir()):
            raise UsageProblem(f"--examday-dir {explicit}: is not empty; choose an empty or new directory")
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in (path, *(path / name for name in ("evidence", "ledger", "logs"))):
            folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)
        reserve_room(path)
        write_identity(path, environment, profile)
    except OSError as problem:
        raise UsageProblem(f"run directory {path}: not writable: {problem.strerror}") from None
    if explicit is None and not judges_again:
        _point_latest(path)
    return path


def _point_latest(path: Path) -> None:
    link, fresh = path.parent / "latest", path.parent / f".latest-{os.getpid()}"
    if link.exists() and not link.is_symlink():
        return  # a folder that a person made; it is theirs
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(path.name)
    fresh.replace(link)


def forget_latest(base: Path) -> None:
    """Remove the link `BASE/rehearsals/latest` to a run that has ended, because a newer run was refused before it had a
    directory. All run directories stay. Nobody is told if the link cannot be removed."""
    link = base / "rehearsals" / "latest"
    if link.is_symlink() and (link / VERDICT_FILE).exists():
        with contextlib.suppress(OSError):  # the refusal is what the user must see
            link.unlink()


def judged_from(directory: Path) -> str | None:
    """The run directory whose evidence the run in this directory judged; None if it judged its own, or no verdict
    tells it."""
    try:
        verdict = json.loads(read_file(directory / VERDICT_FILE))
        judged, own = verdict["judged_from"], verdict["directory"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if judged == own else str(judged)
