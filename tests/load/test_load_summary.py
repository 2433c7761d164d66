"""A whole load in figures."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.config.profiles import Habits, LoadProfile, Shape
from pytest_examday.evidence.figures import Window
from pytest_examday.load.ledger import Write
from pytest_examday.load.load_plan import PlannedAccount
from pytest_examday.load.load_summary import (
    BegunWrites,
    LoadTimes,
    PlannedWrites,
    RequestSummary,
)
from pytest_examday.load.request_figures import figures_by_operation, figures_of
from pytest_examday.load.samples import Sample
from pytest_examday.suites.exam.load.candidate_script import Schedule
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from pytest_examday.suites.exam.load.exam_summary import exam_parts, exam_requests, exam_times
from tests.builders import EPOCH, sample
from tests.suites.exam.load.sitting import plan_for

EXAM = Schedule("exam", 4.0, 10.0, 14.0)


def _clock(schedule: Schedule = EXAM, ramp_seconds: float = 3.0, window_seconds: float = 2.0) -> LoadTimes:
    return LoadTimes(EPOCH, exam_parts(schedule), ramp_seconds, window_seconds)


def _read(*samples: Sample, **clock: Any) -> RequestSummary:
    return exam_requests(_clock(**clock)).read(samples)


def _windows(*samples: Sample, **clock: Any) -> tuple[Window, ...]:
    return _read(*samples, **clock).windows(PlannedWrites(), BegunWrites(_clock(**clock)))


def _write(at: float, kind: str = "answer") -> Write:
    return Write(id=f"w-{at}", kind=kind, actor="ada", sent_at=EPOCH + at, state="acknowledged")


def _plan(folder: Path, *names: str, **fields: Any) -> ExamPlan:
    accounts = tuple(PlannedAccount(email=name, password="pw") for name in names)
    values = {"accounts": accounts, "arrivals": len(names), "schedule": EXAM, "questions": 12, **fields}
    return plan_for(folder, Habits(think_seconds=(0.5, 1.0)), **values)


def test_a_request_belongs_to_the_window_in_which_it_was_sent() -> None:
    made = _windows(*(sample(at=at, ms=5000) for at in (0.5, 1.9, 2.0, 7.5)))
    assert [(one.started - EPOCH, one.ended - EPOCH, one.figures.requests) for one in made] == [
        (0, 2, 2),
        (2, 4, 1),
        (6, 8, 1),
    ]
    assert [one.ramp for one in made] == [True, True, False]


def test_without_a_ramp_every_window_counts() -> None:
    assert [one.ramp for one in _windows(sample(at=0), sample(at=3), ramp_seconds=0.0)] == [False, False]


def test_without_requests_and_plan_there_are_no_windows() -> None:
    assert _windows() == ()


def test_a_clock_that_went_backwards_makes_no_window_before_the_first() -> None:
    assert [one.started for one in _windows(sample(at=-0.5))] == [EPOCH]


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.5, 30))
def test_every_request_falls_into_one_window(moments: list[float], seconds: float) -> None:
    made = _windows(*(sample(at=at) for at in moments), window_seconds=seconds)
    assert sum(one.figures.requests for one in made) == len(moments)


def test_a_window_in_which_writes_were_due_and_nothing_happened_is_there() -> None:
    due, begun = PlannedWrites(), BegunWrites(_clock())
    due.by_window[3] = 20
    (made,) = _read().windows(due, begun)
    assert (made.started - EPOCH, made.planned, made.begun, made.figures.requests) == (6, 20, 0, 0)


def test_writes_are_counted_in_the_window_in_which_they_were_begun() -> None:
    begun = BegunWrites(_clock())
    writes = [_write(0.1), _write(1.9), _write(2.0), _write(9.0, "submit")]
    assert list(begun.counted(writes)) == writes
    made = _read().windows(PlannedWrites(), begun)
    assert [(one.started - EPOCH, one.begun) for one in made] == [(0, 2), (2, 1), (8, 1)]


def test_the_plan_tells_how_many_writes_are_due_in_each_window(tmp_path: Path) -> None:
    plan = _plan(tmp_path, "ada", "bob", "cyd")
    due = PlannedWrites.of([plan], _clock())
    moments = [(kind, at) for script in plan.scripts() for kind, at in script.due()]
    assert sum(due.by_window.values()) == len(moments) > 20
    assert due.by_window[2] == sum(4 <= at < 6 for _, at in moments)
    assert due.by_operation["create"] == due.by_operation["submit"] == 3
    assert due.by_operation["answer"] == len(moments) - 6


def test_the_plans_of_several_processes_are_one_plan(tmp_path: Path) -> None:
    whole = _plan(tmp_path, "ada", "bob", "cyd")
    shares = [
        whole.model_copy(update={"accounts": whole.accounts[number::2], "first_actor": number, "stride": 2})
        for number in range(2)
    ]
    assert PlannedWrites.of(shares, _clock()) == PlannedWrites.of([whole], _clock())


def test_candidates_arrive_with_their_login(tmp_path: Path) -> None:
    due = PlannedWrites.of([_plan(tmp_path, "ada", "bob")], _clock())
    assert due.arrivals == {"ada": (0.0, 0.0), "bob": (2.0, 2.0)}
    made = _read(
        sample("create", at=0.9, actor="ada"),
        sample("login", at=0.25, actor="ada"),
        sample("login", at=2.5, actor="bob"),
    ).arrivals(due)
    assert (made.planned, made.actual, made.late_p95_ms, made.late_max_ms) == (2, 2, 500.0, 500.0)


def test_candidates_with_a_token_arrive_when_they_open_their_session(tmp_path: Path) -> None:
    start = Schedule("start", 4.0, 10.0, 14.0)
    due = PlannedWrites.of([_plan(tmp_path, "ada", "bob", schedule=start)], _clock(start))
    made = _read(
        sample("create", at=4.125, actor="ada"), sample("login", at=2.25, actor="bob"), schedule=start
    ).arrivals(due)
    assert (made.actual, made.late_max_ms) == (2, 250.0)


def test_who_never_sent_anything_did_not_arrive(tmp_path: Path) -> None:
    due = PlannedWrites.of([_plan(tmp_path, "ada", "bob")], _clock())
    made = _read(sample("login", at=0, actor="ada"), sample("login", actor="a stranger")).arrivals(due)
    assert (made.planned, made.actual) == (2, 1)
    assert _read().arrivals(due).late_p95_ms is None


def test_a_load_is_summed_up_by_operation_whole_and_after_the_ramp() -> None:
    samples = [
        sample("create", at=0.5, response_ms=7.0),
        sample("create", at=3.5, ms=9.0, response_ms=12.0),
        sample("answer", at=5.0, status=503, outcome="server_error"),
        sample("answer", at=6.0, response_ms=900.0),
    ]
    made = _read(*samples)
    assert made.operations() == figures_by_operation(samples)
    assert made.overall() == figures_of("all", samples)
    assert made.after_ramp() == figures_by_operation(samples[1:])


def test_the_parts_of_the_exam_are_told_apart_by_the_moment_of_sending() -> None:
    made = _read(*(sample(at=at) for at in (0.0, 3.9, 4.0, 9.9, 10.0, 13.0, 15.0))).parts()
    assert [(one.name, one.started - EPOCH, one.ended - EPOCH, one.overall.requests) for one in made] == [
        ("arrivals", 0, 4, 2),
        ("answering", 4, 10, 2),
        ("deadline", 10, 15, 3),
    ]


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ("exam", ["arrivals", "answering", "deadline"]),
        ("start", ["arrivals", "answering", "deadline"]),
        ("sessions", ["arrivals"]),
        ("answers", ["arrivals", "answering"]),
        ("submit", ["arrivals", "deadline"]),
    ],
)
def test_a_part_that_the_shape_leaves_out_is_not_there(shape: Shape, names: list[str]) -> None:
    clock = exam_times(EPOCH, LoadProfile(shape=shape))
    parts = exam_requests(clock).read([sample(at=at) for at in (1.0, 100.0)]).parts()
    assert [part.name for part in parts] == names
    assert sum(part.overall.requests for part in parts) == 2


def test_histograms_hold_every_operation_whole_and_after_the_ramp() -> None:
    made = _read(
        sample("create", at=0.5, response_ms=7.0),
        sample("answer", at=5.0),
        sample("login", at=5.0, status=429, outcome="limited"),
    ).histograms()
    assert [(one.operation, one.kind, one.span, one.count) for one in made] == [
        ("answer", "service", "whole", 1),
        ("create", "service", "whole", 1),
        ("create", "response", "whole", 1),
        ("answer", "service", "steady", 1),
    ]


def test_double_submits_are_counted_and_double_answers_are_not() -> None:
    made = _read(
        *(sample("submit", at=at, ms=50.0) for at in (5.0, 5.01)), *(sample(at=at, ms=50.0) for at in (5.0, 5.01))
    )
    assert made.simultaneous == 1


def test_the_slowest_actors_have_the_longest_median_wait_after_the_ramp() -> None:
    eve = [sample(actor="eve", at=4 + number, ms=4000) for number in range(10)]
    bob = [sample(actor="bob", at=4 + number, ms=9000 if number < 4 else 10) for number in range(10)]
    few = [sample(actor="few", at=4 + number, ms=9000) for number in range(9)]
    ramp = [sample(actor="ramp", at=0.1 * number, ms=9000) for number in range(20)]
    limited = [sample(actor="limited", at=4 + number, ms=9000, outcome="limited") for number in range(20)]
    found = _read(*eve, *bob, *few, *ramp, *limited).slowest_actors()
    assert [(one.actor, one.requests, one.p50_ms) for one in found] == [("eve", 10, 4000.0), ("bob", 10, 10.0)]
