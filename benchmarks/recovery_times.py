"""Prints the drills of a rehearsal as a table of docs/drills.md: `python -m benchmarks.recovery_times DIRECTORY`."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.suites.exam.drills.all_drills import DRILLS

_HEAD = """\
| drill | held | answers acknowledged, lost | requests failed during the fault | back: first to last | slowest |
| --- | --- | --- | --- | --- | --- |"""


def _drills(directory: Path) -> Iterator[tuple[str, DrillEvidence]]:
    """The name of each drill that was measured, as a profile calls it, and its evidence."""
    store = EvidenceStore(directory, Redactor())
    for drill in DRILLS:
        if store.has(drill.activity):
            found = store.read(drill.activity, DrillEvidence)
            if found.record is None:
                raise SystemExit(f"{drill.name} was not measured: {found.unmeasured}")
            yield drill.name, found.record


def _row(name: str, drill: DrillEvidence) -> str:
    kept = drill.reconciliation
    if kept is None:
        raise SystemExit(f"{drill.drill}: its answers were not compared with the database")
    back = {one.name: one.seconds for one in drill.recoveries}
    seen = {name: seconds for name, seconds in back.items() if seconds is not None}
    if not seen or len(seen) < len(back):
        raise SystemExit(f"{drill.drill}: not everything came back: {back}")
    slowest = max(seen, key=lambda name: seen[name])
    during = drill.during.overall
    return (
        f"| `{name}` | {drill.held_seconds:.1f} s | {kept.acknowledged}, {kept.losses} "
        f"| {during.errors} of {during.judged} | {min(seen.values()):.1f} to {max(seen.values()):.1f} s | {slowest} |"
    )


def main() -> None:
    """Print it; exit status 1, with the reason, if a drill measured nothing."""
    parser = argparse.ArgumentParser(description="Print the drills of a rehearsal as a table.")
    parser.add_argument("directory", type=Path)
    print(_HEAD)
    for name, drill in _drills(parser.parse_args().directory):
        print(_row(name, drill))


if __name__ == "__main__":
    main()
