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
    ("A. Test Logs", "The logs of the rehearsal and of what it started:", ("logs/*", "progress.jsonl"), "no log"),
    ("B. Performance Metrics", "What each activity measured:", ("evidence/*.json",), "nothing was measured"),
    (
        "C. Configuration Used",
        "The environment, the versions and the limits by which this run was judged:",
        ("verdict.json", "run.json", "expected.json"),
        "no verdict was made",
    ),
    (
        "D. Incident Response",
        "The faults that the rehearsal put in, and when they were taken out:",
        ("faults.jsonl",),
        "no fault was put in; the issues are listed above",
    ),
)


def appendices(directory: Path) -> tuple[Appendix, ...]:
    """The four appendices of the template, with the files that exist."""
    return tuple(
        Appendix(title, what, _files(directory, patterns), missing) for title, what, patterns, missing in _CONTENTS
    )


def _files(directory: Path, patterns: tuple[str, ...]) -> tuple[str, ...]:
    found = [sorted(path for path in directory.glob(pattern) if path.is_file()) for pattern in patterns]
    return tuple(str(path.relative_to(directory)) for group in found for path in group)
