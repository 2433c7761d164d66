"""A small suite of the tests' own: no platform, one kind of record, one activity for each measurement."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.activity import Activity
from pytest_examday.core.findings import Findings
from pytest_examday.core.gate import Gate
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.core.suite import Suite
from pytest_examday.core.suite_drill import SuiteDrill
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.record import Record

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Count(Record):
    """A measurement; of nothing it is none."""

    wrong: int = 0
    of: int = 10

    @property
    def nothing_measured(self) -> str | None:
        """Nothing was counted."""
        return None if self.of else "it counted nothing"


class Other(Record):
    """Another kind of measurement."""


def run_of(limits: Thresholds | None = None, /, drills: tuple[str, ...] = (), **records: Record | None) -> Measured:
    """A run with these records; an activity that is not named, or has None, was not measured."""

    def evidence(activity: str) -> Evidence[Record]:
        record = records.get(activity)
        reason = None if record else "no platform"
        return Evidence[Record](activity=activity, started=NOW, ended=NOW, record=record, unmeasured=reason)

    return Measured(evidence, limits or Thresholds(), drills)


def activity(name: str) -> Activity:
    """An activity that nobody runs."""
    return Activity(name, 1, Count, lambda target: Count(), "read", name)


@dataclass(frozen=True)
class SmallDrill:
    """A drill that nobody makes."""

    activity: str
    phase: int = 1
    title: str = "A drill"
    lines: tuple[Line, ...] = ()
    chart: None = None
    always: bool = True
    standard: bool = True
    needs_redis: bool = False
    needs_links: bool = False
    needs_proxy: bool = False

    @property
    def name(self) -> str:
        """As its activity."""
        return self.activity


def counting(activity: str = "count", key: str = "nothing-is-wrong", gates: tuple[str, ...] = ("all-is-well",)) -> Line:
    """A line that fails if something was counted as wrong."""

    def judge(measured: Measured, findings: Findings) -> None:
        found = measured.record(activity, Count)
        findings.fail_if(found.wrong > 0, f"{found.wrong} of {found.of} are wrong")
        findings.add_fact(f"{found.of - found.wrong} of {found.of} are right")

    return Line(key, "Nothing is wrong", 1, (activity,), judge, gates)


def suite(
    *,
    activities: tuple[Activity, ...] = (activity("count"),),
    lines: tuple[Line, ...] = (counting(),),
    gates: tuple[Gate, ...] = (Gate("all-is-well", "All is well", 1),),
    drills: tuple[SuiteDrill, ...] = (),
    gate_names_without_suite: bool = False,
) -> Suite:
    """A suite of one phase."""
    return Suite(
        name="small",
        title="A small rehearsal",
        phases={1: "Counting"},
        activities=activities,
        lines=lines,
        gates=gates,
        actor="clerk",
        occasion="the count",
        drills=drills,
        gate_names_without_suite=gate_names_without_suite,
    )
