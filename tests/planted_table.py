"""Writes `docs/planted-defects.md` from the tables that the tests go through: `python -m tests.planted_table`."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_examday.suites.exam.rules.all_rules import RULES
from pytest_examday.suites.exam.suite import SUITE
from tests import kinds_of_mistakes
from tests.defects.harness import HERE, Defect
from tests.defects.test_every_gate_can_fail import PLANTED
from tests.suites.exam.rules.test_misbehaving_platform import CLOCKS, DEADLINES, MISBEHAVIOURS
from tests.suites.exam.test_every_line_can_fail import DOUBTS, FAILS

_BY_NAME = "misbehaving"
"""The variant whose ways of misbehaving are named one by one."""
_OF_LOADS = {
    "letters-move-in-real-exams": "The letters of a candidate of the load stand for other texts after a reload.",
    "stored-end-is-another": "An exam is stored with an end three hours after the one that is told.",
}
"""Ways of misbehaving that break no rule of a trial: the load finds them."""
_TITLE = """\
# Planted defects and what they turn red

`python -m tests.planted_table` writes this page from the tables that the tests use; a test fails if they differ. For
each defect, the tests assert that what the table names is red, and nothing else. A test in the column "shown by" shows
the finding, mostly without a whole rehearsal. Defects that drills find are in [What the drills have shown](drills.md).
"""
_KINDS = """\
## Kinds

Each row is a kind of mistake, the number of its instances, the outcome in the verdict, and what shows that outcome:
defects that the tables below list by the same names, and tests (file below `tests/`, and name).
"""
_WHOLE = """\
## Whole rehearsals

Each number is one rehearsal of the embedded platform with all defects of that number in it. Together they turn red the
gates of that number, and no other gate. Defects of one rehearsal do not mask each other.
"""
_RULES = """\
## Rules of an exam

Each instance is a platform that misbehaves in one way, alone; `@worker-2` means that only this worker does it.
"""
_LINES = """\
## Lines

Each instance is the evidence of a good run with one change. FAIL counts the instances in which the platform is at
fault. INCONCLUSIVE counts those in which something was not measured. "Lines" is the number of lines of the gate.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join(
        (_TITLE, _KINDS, *_of_kinds(), "", _WHOLE, *_whole(), "", _RULES, *_rules(), "", _LINES, *_of_lines(), "")
    )


def _of_kinds() -> Iterator[str]:
    groups = (
        ("Defects that have to be noticed", kinds_of_mistakes.NOTICED),
        ("Faults whose effect has to be observed", kinds_of_mistakes.FELT),
        ("What no platform is accused of", kinds_of_mistakes.SPARED),
    )
    for title, group in groups:
        yield f"### {title}\n"
        yield from _table("kind", "instances", "outcome", "shown by")
        for kind in group:
            shown = "<br>".join(f"`{name}`" for name in kind.shown_by)
            yield _row(kind.words, str(len(kind.shown_by)), kind.outcome, shown)
        yield ""


def _whole() -> Iterator[str]:
    yield from _table("rehearsal", "gates that are red")
    for number, planted in enumerate(PLANTED, 1):
        yield _row(str(number), ", ".join(f"`{gate}`" for gate in planted.reasons))
    yield ""
    yield from _table("rehearsal", "defect")
    for number, planted in enumerate(PLANTED, 1):
        for name in _names(planted.defect):
            yield _row(str(number), name)


def _names(defect: Defect) -> Iterator[str]:
    """Each defect by its name and in the words of its own file; ways of misbehaving by the rules that they break."""
    for name in defect.triggers:
        words = (HERE / "triggers" / f"{name}.sql").read_text().splitlines()[0].removeprefix("-- ")
        yield f"`{name}`: {words}"
    for name in defect.variants:
        if name != _BY_NAME:
            words = ast.get_docstring(ast.parse((HERE / "variants" / f"{name}.py").read_text())) or name
            yield f"`{name}`: {' '.join(words.split())}"
    for name in defect.misbehaviours:
        if name in _OF_LOADS:
            yield f"`{name}`: {_OF_LOADS[name]}"
            continue
        alike = (one.broken for one in (*MISBEHAVIOURS, *CLOCKS, *DEADLINES) if _ageless(one.how) == _ageless(name))
        broken = next(alike).split()
        yield f"`{name}`: The rule {', '.join(f'`{key}`' for key in broken)} is broken."


def _ageless(name: str) -> str:
    """The name of a way of misbehaving without the age from which an exam is treated so."""
    return re.sub(r"-after-\d+-s$", "-after", name)


def _rules() -> Iterator[str]:
    yield from _table("rule", "gate", "instances", "planted")
    instances: dict[str, list[str]] = defaultdict(list)
    for misbehaves in (*MISBEHAVIOURS, *CLOCKS, *DEADLINES):
        for key in misbehaves.broken.split():
            instances[key].append(f"`{misbehaves.how}`")
    for one in RULES:
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
