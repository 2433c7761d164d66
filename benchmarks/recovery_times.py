"""Prints the drills of a rehearsal as a table of docs/drills.md: `python -m benchmarks.recovery_times DIRECTORY`."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pytest_examday.evidence.drill_outcome import DrillEvidence
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.suites.exam.drills.catalogue import DRILLS

_HEAD = """\
| drill | held | answers acknowledged, lost | requests failed during the fault | back: first to last | slowest |
| --- | --- | --- | --- | --- | --- |"""


def _drills(directory: Path) -> Iterator[DrillEvidence]:
    store = EvidenceStore(directory, Redactor())
    for activity in (drill.activity for drill in DRILLS):
        if store.has(activity):
            found = store.read(activity, DrillEvidence)
            if found.record is None:
                raise SystemExit(f"{activity} was not measured: {found.unmeasured}")
            yield found.record


def _row(drill: DrillEvidence) -> str:
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
        f"| {drill.scenario} | {drill.held_seconds:.1f} s | {kept.acknowledged}, {kept.losses} "
        f"| {during.errors} of {during.judged} | {min(seen.values()):.1f} to {max(seen.values()):.1f} s | {slowest} |"
    )


def main() -> None:
    """Print it; exit status 1, with the reason, where a drill measured nothing."""
    parser = argparse.ArgumentParser(description="Print the drills of a rehearsal as a table.")
    parser.add_argument("directory", type=Path)
    print(_HEAD)
    for drill in _drills(parser.parse_args().directory):
        print(_row(drill))


if __name__ == "__main__":
    main()
