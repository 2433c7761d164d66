"""Writes `docs/planted-defects.md` from the tables that the tests go through: `python -m tests.planted_table`."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_examday.suites.exam.behaviours.catalogue import BEHAVIOURS
from pytest_examday.suites.exam.suite import SUITE
from tests.defects.harness import HERE, Defect
from tests.defects.test_every_gate_can_fail import PLANTED
from tests.suites.exam.behaviours.test_misbehaving_platform import CLOCKS, DEADLINES, MISBEHAVIOURS
from tests.suites.exam.test_every_line_can_fail import DOUBTS, FAILS

_BY_NAME = "misbehaving"
"""The variant whose ways of misbehaving are named one by one."""
_TITLE = """\
# Planted defects and what they turn red

Made by `python -m tests.planted_table` from the tables that the tests go through; a test fails where they differ. Each
row is asserted: what is named is red, and nothing beside it. Defects that drills find are in
[What the drills have shown](drills.md).
"""
_WHOLE = """\
## Whole rehearsals

Each row is one rehearsal of the embedded platform with these defects in it. Defects of one row do not mask each other.
"""
_RULES = """\
## Rules of an exam

Each instance is a platform that misbehaves in one way, alone; `@worker-2` means that only this worker does it.
"""
_LINES = """\
## Lines

The evidence of a good run, with one thing planted in it. FAIL counts the instances that the platform is accused of,
INCONCLUSIVE those of something that was not measured, which accuses nobody and is no pass.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join((_TITLE, _WHOLE, *_whole(), "", _RULES, *_rules(), "", _LINES, *_of_lines(), ""))


def _whole() -> Iterator[str]:
    yield from _table("planted", "red")
    for planted in PLANTED:
        yield _row("<br>".join(_names(planted.defect)), ", ".join(f"`{gate}`" for gate in planted.reasons))


def _names(defect: Defect) -> Iterator[str]:
    """Each defect in the words of its own file; ways of misbehaving by their names."""
    for name in defect.triggers:
        yield (HERE / "triggers" / f"{name}.sql").read_text().splitlines()[0].removeprefix("-- ")
    for name in defect.variants:
        if name != _BY_NAME:
            words = ast.get_docstring(ast.parse((HERE / "variants" / f"{name}.py").read_text())) or name
            yield " ".join(words.split())
    yield from (f"`{name}`" for name in defect.misbehaviours)


def _rules() -> Iterator[str]:
    yield from _table("rule", "gate", "instances", "planted")
    instances: dict[str, list[str]] = defaultdict(list)
    for misbehaves in (*MISBEHAVIOURS, *CLOCKS, *DEADLINES):
        for key in misbehaves.broken.split():
            instances[key].append(f"`{misbehaves.how}`")
    for one in BEHAVIOURS:
        found = instances[one.key] or ["`blank-submit-fails`"]
        yield _row(f"`{one.key}`", f"`{one.gate}`", str(len(found)), ", ".join(found))


def _of_lines() -> Iterator[str]:
    yield from _table("gate", "lines", "FAIL", "INCONCLUSIVE")
    fails, doubts = (_by_gate(key for one in table for key in one.red) for table in (FAILS, DOUBTS))
    for gate in SUITE.gates:
        lines = sum(gate.name in line.gates for line in SUITE.lines)
        yield _row(f"`{gate.name}`", str(lines), str(fails[gate.name]), str(doubts[gate.name]))


def _by_gate(keys: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for key in keys:
        for gate in SUITE.line_by_key[key].gates:
            counts[gate] += 1
    return counts


def _table(*columns: str) -> Iterator[str]:
    yield _row(*columns)
    yield _row(*("---" for _ in columns))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    (Path(__file__).parents[1] / "docs" / "planted-defects.md").write_text(page())
