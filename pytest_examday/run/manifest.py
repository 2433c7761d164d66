"""The manifest of a run directory: the SHA-256 of each file, written when the run has ended.

It shows that files were changed, taken away or added afterwards. It is no signature: who can write the directory can
write a manifest that fits.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from pytest_examday.evidence.first_mistake import first_mistake
from pytest_examday.lone_surrogates import without_lone_surrogates
from pytest_examday.named_files import open_file, read_file
from pytest_examday.record import Record
from pytest_examday.run.store import EvidenceStore

MANIFEST_FILE = "manifest.json"
_EVIDENCE = "evidence"


class Manifest(Record):
    """The contents of `manifest.json`: the SHA-256 of each file by its path in the run directory."""

    schema_: Literal["examday/manifest/1"] = Field(default="examday/manifest/1", alias="schema")
    sha256: dict[str, str]


def write_manifest(store: EvidenceStore) -> None:
    """Write `manifest.json`. Raises OSError if it cannot be written."""
    manifest = Manifest(sha256=checksums_of(store.directory, _files(store.directory)))
    store.replace(store.directory / MANIFEST_FILE, manifest.to_json(indent=1) + "\n")


def checksums_of(directory: Path, names: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of these files of a run directory. Raises OSError if one cannot be read."""
    return {name: _checksum(directory / name) for name in names}


def evidence_files(directory: Path) -> tuple[str, ...]:
    """The evidence files of a run directory, by their paths in it."""
    return tuple(sorted(f"{_EVIDENCE}/{path.name}" for path in (directory / _EVIDENCE).glob("[!.]*")))


def listed_checksums(directory: Path) -> dict[str, str]:
    """The SHA-256 of each file by the manifest. Raises OSError if it cannot be read, ValidationError if it is
    damaged."""
    return Manifest.model_validate_json(read_file(directory / MANIFEST_FILE)).sha256


def files_not_as_listed(directory: Path, required: Iterable[str] = ()) -> tuple[str, ...]:
    """The differences between a run directory and its manifest, one text for each file: changed, missing or
    unreadable files, files of `required` that the manifest does not list, and evidence that it does not list.

    Other files that it does not list, such as a person's notes, are not evidence, so they are ignored.
    """
    try:
        listed = listed_checksums(directory)
    except FileNotFoundError:
        return (f"{MANIFEST_FILE} is missing: the run did not come to its end, or the file was taken away",)
    except ValidationError as problem:
        return (f"{MANIFEST_FILE} is damaged: {first_mistake(problem)}",)
    except OSError as problem:
        return (f"{MANIFEST_FILE} cannot be read: {problem.strerror}",)
    unlisted = [name for name in (*required, *evidence_files(directory)) if name not in listed]
    return (
        *(f"{_on_one_line(name)} is not listed in {MANIFEST_FILE}" for name in dict.fromkeys(unlisted)),
        *(
            wrong
            for name, sha256 in listed.items()
            if (wrong := why_not_as_listed(directory, name, sha256)) is not None
        ),
    )


def why_not_as_listed(directory: Path, name: str, sha256: str) -> str | None:
    """Why a file of a run directory does not have this SHA-256; None if it has."""
    path = directory / name
    if ".." in Path(name).parts or Path(name).is_absolute():
        return f"{_on_one_line(name)} is no file of the run directory"
    try:
        if not path.is_file():
            return f"{_on_one_line(name)} is no file" if path.exists() else f"{_on_one_line(name)} is missing"
        return None if _checksum(path) == sha256 else f"{_on_one_line(name)} was changed after the run"
    except (OSError, ValueError) as problem:  # ValueError: a name that no file can have
        return f"{_on_one_line(name)} cannot be read: {getattr(problem, 'strerror', problem)}"


def _on_one_line(name: str) -> str:
    """The name of a file in one line."""
    return name if name.isprintable() else repr(name)


def _files(directory: Path) -> Iterator[str]:
    """The files of a run directory but for hidden ones and those in hidden folders, which an upload may drop, and the
    manifest itself. A file that this user must not read, or whose name is not text, is left out: no run made it."""
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory)
        hidden = any(part.startswith(".") for part in name.parts)
        is_text = without_lone_surrogates(str(name)) == str(name)
        if is_text and not hidden and str(name) != MANIFEST_FILE and path.is_file() and _is_readable(path):
            yield str(name)


def _is_readable(path: Path) -> bool:
    try:
        with path.open("rb"):
            return True
    except PermissionError:
        return False


def _checksum(path: Path) -> str:
    with open_file(path) as file:  # a ledger may be larger than the memory
        return hashlib.file_digest(file, "sha256").hexdigest()
