"""What every gate obeys, whatever it judges: failure beats doubt, doubt beats everything that speaks for it."""

import pytest
from pytest_examday.suites.exam.gates.bench import Bench, Case, Gate
from pytest_examday.suites.exam.gates.registry import BY_NAME, GATES, HARD_GATES

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_outcome import DrillEvidence
from pytest_examday.suites.exam.evidence import LoadEvidence
from tests import builders


def _gate(judge: object, needs: tuple[str, ...] = ()) -> Gate:
    return Gate("a-gate", "A gate", needs, judge)  # type: ignore[arg-type] # the tests' judges are lambdas too


def _crash(bench: Bench, case: Case) -> None:
    raise KeyError("orphaned_answers")


def _cannot(bench: Bench, case: Case) -> None:
    raise Unmeasurable("the database was away")


def _says(failure: bool = False, doubt: bool = False, ground: bool = False) -> Gate:
    def judge(bench: Bench, case: Case) -> None:
        case.fail_if(failure, "wrong")
        case.doubt_if(doubt, "unknown")
        if ground:
            case.ground("good")

    return _gate(judge)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_every_gate_passes_on_a_good_run(gate: Gate) -> None:
    judgement = gate.judgement(builders.bench())
    assert (judgement.outcome, judgement.reason != "") == ("pass", True)


@pytest.mark.parametrize(("gate", "activity"), [(gate.name, name) for gate in GATES for name in gate.needs], ids=str)
def test_a_gate_is_inconclusive_without_any_evidence_that_it_needs(gate: str, activity: str) -> None:
    judgement = builders.judge(gate, **{activity: None})
    assert judgement.outcome == "inconclusive"
    assert f"{activity} was not measured: no platform" in judgement.reason


@pytest.mark.parametrize("gate", [gate.name for gate in GATES if "load" in gate.needs])
def test_no_gate_that_rests_on_the_load_passes_when_the_load_sent_nothing(gate: str) -> None:
    nothing = builders.figures("all", 0, None, succeeded=0, by_outcome={}, p50_ms=None, p99_ms=None, max_ms=None)
    judgement = builders.judge(gate, load=builders.load(overall=nothing))
    assert (judgement.outcome, "load sent no request" in judgement.reason) == ("inconclusive", True)


def test_evidence_of_another_kind_than_a_judge_expects_is_no_evidence() -> None:
    assert builders.judge("p95-latency", load=builders.freeze()).outcome == "inconclusive"


def test_a_failure_beats_a_doubt() -> None:
    judgement = _says(failure=True, doubt=True, ground=True).judgement(builders.bench())
    assert (judgement.outcome, judgement.reason) == ("fail", "wrong; unknown")


def test_a_doubt_beats_what_speaks_for_a_gate() -> None:
    judgement = _says(doubt=True, ground=True).judgement(builders.bench())
    assert (judgement.outcome, judgement.reason) == ("inconclusive", "unknown")


def test_a_gate_says_what_it_found_good() -> None:
    judgement = _says(ground=True).judgement(builders.bench())
    assert (judgement.outcome, judgement.reason) == ("pass", "good")


def test_a_judge_that_says_nothing_is_inconclusive() -> None:
    judgement = _says().judgement(builders.bench())
    assert (judgement.outcome, judgement.reason) == ("inconclusive", "nothing was judged")


def test_a_judge_that_crashes_is_inconclusive_and_says_how() -> None:
    judgement = _gate(_crash).judgement(builders.bench())
    assert judgement.outcome == "inconclusive"
    assert judgement.reason == "the judge crashed: KeyError: 'orphaned_answers'"


def test_a_judge_that_lacks_evidence_gives_the_reason_once() -> None:
    judgement = BY_NAME["exam-mode-verified"].judgement(builders.bench(freeze=None))
    assert judgement.reason == "freeze was not measured: no platform"


def test_what_a_judge_cannot_measure_makes_the_gate_inconclusive() -> None:
    judgement = _gate(_cannot).judgement(builders.bench())
    assert (judgement.outcome, judgement.reason) == ("inconclusive", "the database was away")


def test_a_failure_that_was_found_stands_although_evidence_is_missing() -> None:
    gate = _gate(lambda bench, case: case.fail_if(True, "wrong"), needs=("load",))
    judgement = gate.judgement(builders.bench(load=None))
    assert judgement.outcome == "fail"
    assert judgement.reason == "wrong; load was not measured: no platform"


def test_a_judgement_names_the_files_that_it_rests_on() -> None:
    assert builders.judge("no-duplicate-submits").evidence == (
        "evidence/load.json",
        "evidence/integrity_after.json",
    )


def test_the_bench_hands_out_the_record_of_an_activity() -> None:
    bench = builders.bench()
    assert isinstance(bench.record("load", LoadEvidence), LoadEvidence)
    with pytest.raises(Unmeasurable, match="load was not measured"):
        bench.record("load", DrillEvidence)


def test_the_hard_gates_are_those_of_the_report_template() -> None:
    assert sorted(HARD_GATES) == [
        "exam-mode-verified",
        "failures-handled",
        "logs-sufficient",
        "no-corrupted-sessions",
        "p95-latency",
        "recovery-tested",
        "zero-data-loss",
    ]
