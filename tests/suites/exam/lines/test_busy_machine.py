"""A load on a machine that others keep busy: slow waits are in doubt; the platform's own use is no excuse."""

from typing import Any

import pytest

from pytest_examday.evidence.figures import MachineUse, Processors
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.lines.busy_machine import taken_by_others
from tests import builders

SLOW = builders.windows(800.0, 800.0, 800.0, 800.0)


def _span(ours: float = 0.5, others: float = 0.45, stolen: float = 0.0, **fields: float | None) -> Processors:
    values = {"seconds": 2.0, "idle": round(1 - ours - others - stolen, 4), "pressure": 0.9, **fields}
    return Processors.model_validate({"ours": ours, "others": others, "stolen": stolen, **values})


def _used(*spans: Processors) -> MachineUse:
    return MachineUse(spans=spans or (_span(),))


BUSY = _used()
OWN_WORK = _used(_span(ours=0.98, others=0.02))


def _slow_load(machine: MachineUse | None) -> LoadEvidence:
    return builders.load(
        machine=machine,
        windows=SLOW,
        steady=builders.exam_figures(
            builders.figures("answer", 300, 800.0),
            builders.figures("submit", 40, response_p95_ms=900.0),
            builders.figures("read", 30, 700.0),
        ),
        fates=(builders.waiter(),),
        generator=builders.generator(lag_p95_ms=150.0),
    )


def test_a_slow_run_on_a_busy_machine_is_inconclusive_with_the_share_of_others() -> None:
    made = builders.gate("p95-latency", load=_slow_load(BUSY))
    assert made.outcome == "inconclusive"
    told = "other processes took 45% of this machine's processors during the load, rehearsal and platform 50%"
    assert made.reason.count(told) == 1, "one cause is told once"
    assert "p95 of answer is 800 ms, limit 500 ms (each request)" in made.reason
    assert "the load generator was saturated" in made.reason


@pytest.mark.parametrize("machine", [OWN_WORK, None], ids=["its own work", "not watched"])
def test_a_platform_that_is_slow_by_its_own_doing_fails(machine: MachineUse | None) -> None:
    made = builders.gate("p95-latency", load=_slow_load(machine))
    assert made.outcome == "fail"
    assert "other processes took" not in made.reason


def test_a_fast_run_passes_however_busy_the_machine_was() -> None:
    assert builders.gate("p95-latency", load=builders.load(machine=BUSY)).outcome == "pass"


def test_a_slow_log_on_a_busy_machine_is_in_doubt_too() -> None:
    slow = {"observability": builders.observability(p95_ms=800.0)}
    assert builders.line("request-duration", load=builders.load(machine=BUSY), **slow).outcome == "inconclusive"
    assert builders.line("request-duration", load=builders.load(machine=OWN_WORK), **slow).outcome == "fail"


def test_errors_are_errors_on_a_busy_machine_too() -> None:
    load = builders.load(machine=BUSY, overall=builders.failing(400, 8))
    assert builders.gate("error-rate", load=load).outcome == "fail"


def test_what_the_host_of_a_virtual_machine_takes_counts_as_taken() -> None:
    busy = taken_by_others(builders.load(machine=_used(_span(others=0.05, stolen=0.3))))
    assert busy is not None
    assert (
        "other processes took 5% of this machine's processors during the load and the host of this virtual machine 30%"
        in busy
    )


@pytest.mark.parametrize(
    ("span", "taken"),
    [
        (_span(ours=0.9, others=0.05), False),
        (_span(ours=0.2, others=0.25, pressure=0.05), False),
        (_span(ours=0.2, others=0.25, pressure=0.3), True),
        (_span(ours=0.2, others=0.25, pressure=None), False),
        (_span(ours=0.6, others=0.3, pressure=None), True),
        (_span(ours=0.98, others=0.02, pressure=1.0), False),
    ],
)
def test_others_disturb_only_where_they_took_much_and_processors_were_short(span: Processors, taken: bool) -> None:
    assert (taken_by_others(builders.load(machine=_used(span))) is not None) == taken


@pytest.mark.parametrize(("busy", "taken"), [(1, False), (2, True)])
def test_a_brief_disturbance_excuses_nothing(busy: int, taken: bool) -> None:
    quiet = [_span(ours=0.3, others=0.02, pressure=0.1)] * (10 - busy)
    assert (taken_by_others(builders.load(machine=_used(*quiet, *[_span()] * busy))) is not None) == taken


def test_a_submission_that_a_busy_machine_made_late_is_in_doubt() -> None:
    late = (builders.fate(finished_at=builders.EPOCH + 22),)
    for machine, outcome in ((BUSY, "inconclusive"), (OWN_WORK, "fail")):
        load = builders.load(machine=machine, fates=late)
        assert builders.line("every-submission-in-time", load=load).outcome == outcome


def test_whoever_reads_of_the_load_reads_of_its_machine() -> None:
    told = builders.line("load-was-delivered", load=builders.load(machine=OWN_WORK)).facts_in_words
    assert "other processes took 2% of this machine's processors during the load, rehearsal and platform 98%" in told


@pytest.mark.parametrize(
    "found",
    [
        {"fates": (builders.waiter("cyd"),)},
        {"recoveries": builders.recoveries(builders.recovery("ready", 61.0))},
        {"recoveries": builders.recoveries(builders.recovery("ready", None, "no reply in time", too_slow=True))},
        {"after": builders.stage("after", operations=(builders.figures("answer", 50, 3007.0),))},
    ],
    ids=["waits", "recovers late", "does not recover", "late afterwards"],
)
def test_what_is_late_in_a_drill_on_a_busy_machine_is_in_doubt(found: dict[str, Any]) -> None:
    gates = ("failures-handled", "recovery-tested")
    for machine, outcome in ((BUSY, "inconclusive"), (OWN_WORK, "fail"), (None, "fail")):
        drill = builders.drill("drill_worker_pause", machine=machine, **found)
        results = [builders.gate(name, drill_worker_pause=drill) for name in gates]
        assert outcome in [result.outcome for result in results]
        told = "processors during drill_worker_pause, rehearsal and platform 50%"
        assert (told in results[0].reason + results[1].reason) == (machine is BUSY)


@pytest.mark.parametrize("answer", ["HTTP 409: you have an open exam", "HTTP 503", "connection refused"])
def test_a_platform_that_answers_and_never_comes_back_fails_on_a_busy_machine_too(answer: str) -> None:
    found = builders.recoveries(builders.recovery("create", None, answer))
    drill = builders.drill("drill_worker_pause", machine=BUSY, recoveries=found)
    made = builders.gate("recovery-tested", drill_worker_pause=drill)
    assert (made.outcome, answer in made.reason) == ("fail", True)
    assert "other processes took" not in made.reason


def test_what_was_lost_or_failed_in_a_drill_on_a_busy_machine_stays_a_failure() -> None:
    lost = builders.drill("drill_worker_pause", machine=BUSY, reconciliation=builders.reconciliation(lost=1))
    assert builders.gate("failures-handled", drill_worker_pause=lost).outcome == "fail"
    still = builders.drill("drill_worker_pause", machine=BUSY, fault_gone=False, fault_gone_detail="still paused")
    assert builders.gate("recovery-tested", drill_worker_pause=still).outcome == "fail"
