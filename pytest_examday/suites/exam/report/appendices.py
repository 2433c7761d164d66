"""The appendices of the report: which files of the run directory hold what."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Appendix:
    """One appendix of the template: its heading, its files, and the text if there are none."""

    title: str
    what: str
    files: tuple[str, ...]
    missing: str


_CONTENTS = (
    (
        "A) Load Test Scripts",
        "The k6 scripts are in the folder k6 of pytest-examday. What candidates sent, and what came back:",
        ("k6/*.js", "ledger/*.ledger.jsonl", "ledger/*.samples.jsonl"),
        "no load was run",
    ),
    (
        "B) Failure Injection Logs",
        "Every fault with the moments at which it was put in and taken out:",
        ("faults.jsonl",),
        "no fault was put in",
    ),
    (
        "C) Data Integrity SQL Results",
        "The rows that each query found, and the ledger against the database:",
        ("evidence/integrity*.json",),
        "no SQL check was run",
    ),
    (
        "D) Observability Metrics",
        "Figures from the platform's logs and metrics:",
        ("evidence/observability.json", "evidence/load.json"),
        "no metrics were captured",
    ),
    (
        "E) System Logs",
        "The platform's own logs, and the progress of the rehearsal:",
        ("logs/*", "progress.jsonl"),
        "no logs were kept",
    ),
)


def appendices(directory: Path) -> tuple[Appendix, ...]:
    """The five appendices of the template, with the files that exist."""
    return tuple(
        Appendix(title, what, _files(directory, patterns), missing) for title, what, patterns, missing in _CONTENTS
    )


def _files(directory: Path, patterns: tuple[str, ...]) -> tuple[str, ...]:
    found = [sorted(path for path in directory.glob(pattern) if path.is_file()) for pattern in patterns]
    return tuple(str(path.relative_to(directory)) for group in found for path in group)
