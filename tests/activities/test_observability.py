"""What phase 6 takes from the files of the candidates."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.load.samples import Sample, SampleWriter, read_samples
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_review import LogQuery, LogReview, review
from pytest_examday.suites.exam.activities import observability
from pytest_examday.suites.exam.activities.observability import gather
from pytest_examday.suites.exam.evidence import ObservabilityEvidence
from pytest_examday.suites.exam.log_comparison.provoked_failures import provoke_failures
from pytest_examday.suites.exam.log_comparison.seen_by_clients import evenly_spread, seen_by_clients
from pytest_examday.target.target import Target
from tests.activities.fakes import make_target
from tests.builders import EPOCH, drill, line, load, measured, sample, stage
from tests.builders import observability as of_logs
from tests.observe.fakes import log_files

NAMES = ("ledger/load-1.samples.jsonl", "ledger/load-2.samples.jsonl")


def _keep(path: Path, *samples: Sample) -> Path:
    writer = SampleWriter(path)
    for one in samples:
        writer.add(one)
    writer.close()
    return path


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """A run with a load of two processes and a drill."""
    made = make_target(tmp_path)
    _keep(tmp_path / NAMES[0], sample(at=5, request_id="a"), sample(at=6, request_id="b", status=503))
    _keep(
        tmp_path / NAMES[1], sample(at=4, request_id="c"), sample(at=7, request_id="d", status=None, outcome="timeout")
    )
    _keep(tmp_path / "ledger" / "drill_backend_restart.samples.jsonl", sample(at=9, request_id="e", status=404))
    return made


def test_failures_are_those_of_every_file_and_traces_those_of_the_loads_files(target: Target) -> None:
    seen = seen_by_clients(target, load(samples=NAMES), ())
    assert seen.logs_from == EPOCH + 4 - 60
    assert sorted(seen.failures) == [("b", 503, EPOCH + 6.005), ("e", 404, EPOCH + 9.005)]
    assert [one.request_id for one in seen.traced] == ["a", "b", "c"]


def test_without_a_load_there_is_nothing_to_trace(target: Target) -> None:
    seen = seen_by_clients(target, None, ())
    assert seen.traced == []
    assert len(seen.failures) == 2


@pytest.mark.parametrize(
    ("at", "status", "cuts", "left"),
    [(12, 502, True, 0), (12, 504, True, 0), (12, 500, True, 1), (12, 502, False, 1), (1, 502, True, 1)],
    ids=["bad gateway", "gateway timeout", "the platform's own", "of a drill that cuts nothing", "before the fault"],
)
@pytest.mark.parametrize("activity", ["drill_worker_loss", "drill_queue_frozen"])
def test_a_proxys_word_on_a_connection_that_a_drill_cut_is_not_the_platforms(
    tmp_path: Path, activity: str, at: float, status: int, cuts: bool, left: int
) -> None:
    """Whether the drill is a built-in one or the user's own."""
    made = make_target(tmp_path)
    name = f"ledger/{activity}.samples.jsonl"
    _keep(tmp_path / name, sample(at=at, request_id="f", status=status, outcome="server_error"))
    record = drill(activity, injected=EPOCH + 10, removal_began=EPOCH + 15, cuts_connections=cuts, samples=(name,))
    record = record.model_copy(update={"after": stage("after", started=EPOCH + 14)})
    made.files.store.write(measured(activity, record))
    made.files.store.write(measured("load", load()))
    drills = made.files.store.all_of(DrillEvidence)
    assert [one.drill for one in drills] == [activity]
    seen = seen_by_clients(made, None, drills)
    assert (len(seen.failures), seen.gateway_errors) == (left, 1 - left)


@pytest.mark.parametrize("activity", ["drill_worker_loss", "drill_queue_frozen"], ids=["built-in", "the user's"])
def test_the_times_of_every_drills_fault_are_told_to_the_figures_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, activity: str
) -> None:
    made = make_target(tmp_path)
    stages = {"after": stage("after", started=EPOCH + 16), "samples": ()}
    record = drill(activity, injected=EPOCH + 10, removal_began=EPOCH + 15, **stages)
    made.files.store.write(measured(activity, record))
    told: list[TimeSpan] = []

    def review(environment: object, runtime: object, since: float, asked: LogQuery) -> None:
        told.extend(asked.disturbed)
        raise Unmeasurable("enough is known")

    monkeypatch.setattr(observability, "provoke_failures", lambda target: ((), {}, None))
    monkeypatch.setattr(observability, "review_when_written", review)
    with pytest.raises(Unmeasurable, match="enough is known"):
        gather(made)
    assert told == [TimeSpan(EPOCH + 10, EPOCH + 16)]


def _logged(
    target: Target, monkeypatch: pytest.MonkeyPatch, *logged: tuple[str, float, int], last: Probe | None = None
) -> ObservabilityEvidence:
    """What is gathered of the load if the log has these requests: id, second, status."""
    path = target.files.directory / "app.log"
    common = {"event": "request", "total_ms": 5, "route": "/v1/sessions/{session_id}/answers", "user_id": "u-ada"}
    lines = [
        json.dumps({"ts": EPOCH + second, "request_id": name, "status": status, **common})
        for name, second, status in logged
    ]
    path.write_text("\n".join(lines) + "\n")

    def read(environment: Environment, runtime: object, since: float, asked: LogQuery) -> LogReview:
        return review(environment, log_files(path), since, asked)

    monkeypatch.setattr(observability, "provoke_failures", lambda target: ((), {}, last))
    monkeypatch.setattr(observability, "review_when_written", read)
    target.files.store.write(measured("load", load(samples=NAMES)))
    return gather(target)


def test_a_log_that_was_rotated_after_the_first_requests_accuses_nobody(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _logged(target, monkeypatch, ("x", 8, 200), ("e", 9, 404))
    assert (found.traced, found.trace_before_log, found.trace_missing) == (0, 3, ())
    assert (found.failures_logged, found.failures_before_log, found.failures_silent) == (1, 1, ())
    for key, what in (("request-id-traceability", "3 of 3 requests"), ("failures-are-logged", "1 of 2 failures")):
        judged = line(key, observability=found)
        assert judged.outcome == "inconclusive"
        assert judged.reason.startswith(f"{what} ended before the log begins (at ")
        assert "it was rotated or cut, or the rehearsal reads only a part of it" in judged.reason
        assert '"request_id": "x"' in judged.reason


@pytest.mark.parametrize("begins", [4.5, 5.5], ids=["up to a second after", "up to a second before"])
def test_requests_near_the_beginning_of_a_rotated_log_accuse_nobody(
    target: Target, monkeypatch: pytest.MonkeyPatch, begins: float
) -> None:
    """A request may have ended before the log was cut, although a line of an earlier time was written after it."""
    found = _logged(target, monkeypatch, ("x", begins, 200), ("b", 6, 503), ("e", 9, 404))
    assert (found.traced, found.trace_before_log, found.trace_missing) == (1, 2, ())
    assert line("request-id-traceability", observability=found).outcome == "inconclusive"


def test_requests_near_the_end_of_a_log_that_is_still_written_accuse_nobody(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = Probe(name="read", passed=True, detail="HTTP 200", request_id="last")
    found = _logged(target, monkeypatch, ("c", 4, 200), ("x", 5.5, 200), last=last)
    assert (found.traced, found.trace_after_log, found.trace_missing) == (1, 2, ())


def test_a_request_that_a_log_lacks_after_its_beginning_is_a_gap(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _logged(target, monkeypatch, ("c", 4, 200), ("b", 6, 503), ("e", 9, 404))
    assert (found.traced, found.trace_before_log, found.trace_missing) == (2, 0, ("a",))
    assert found.log_beginning is None
    judged = line("request-id-traceability", observability=found)
    assert (judged.outcome, judged.reason) == ("fail", "1 of 3 requests are not in the log, for instance a")


def test_a_log_that_names_other_ids_than_those_that_were_sent_accuses_nobody(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _logged(target, monkeypatch, ("x", 4.001, 200), ("y", 5, 200), ("z", 6, 503))
    for key in ("request-id-traceability", "failures-are-logged"):
        judged = line(key, observability=found)
        assert (judged.outcome, judged.reason) == (
            "inconclusive",
            "the log names other request ids than those that were sent: for instance 'x'; does a proxy make its own "
            "and not return them?",
        )


def test_a_log_without_a_line_of_the_loads_requests_lacks_them(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _logged(target, monkeypatch, ("before", 2, 200), ("after", 9, 200))
    judged = line("request-id-traceability", observability=found)
    assert (judged.outcome, judged.reason) == ("fail", "3 of 3 requests are not in the log, for instance a")


def test_requests_are_found_by_the_ids_that_their_answers_name(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, requests in zip(NAMES, ((("a", 5, 200), ("b", 6, 503)), (("c", 4, 200),)), strict=True):
        (target.files.directory / name).unlink()
        made = [sample(at=at, request_id=one, status=status, returned_id=f"gw-{one}") for one, at, status in requests]
        _keep(target.files.directory / name, *made)
    found = _logged(target, monkeypatch, ("gw-c", 4, 200), ("gw-a", 5, 200), ("gw-b", 6, 503), ("e", 9, 404))
    assert (found.traced, found.failures_logged, found.client_failures) == (3, 2, 2)
    assert line("request-id-traceability", observability=found).outcome == "pass"
    assert line("failures-are-logged", observability=found).outcome == "pass"


def test_requests_after_the_end_of_a_log_that_is_still_written_accuse_nobody(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = Probe(name="read", passed=True, detail="HTTP 200", request_id="last")
    found = _logged(target, monkeypatch, ("c", 4, 200), ("a", 5.1, 200), last=last)
    for key, what in (("request-id-traceability", "1 of 3 requests"), ("failures-are-logged", "2 of 2 failures")):
        judged = line(key, observability=found)
        assert judged.outcome == "inconclusive"
        assert judged.reason == (
            f"{what} ended after the last line of the log (at 00:00:05 UTC) or up to 1 s before it: lines are written "
            "more than 30 s late, or nothing is logged any more"
        )


def test_requests_that_a_log_lacks_which_was_written_to_its_end_are_a_gap(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = Probe(name="read", passed=True, detail="HTTP 200", request_id="last")
    found = _logged(target, monkeypatch, ("c", 4, 200), ("a", 5.1, 200), ("last", 20, 200), last=last)
    judged = line("request-id-traceability", observability=found)
    assert (judged.outcome, judged.reason) == ("fail", "1 of 3 requests are not in the log, for instance b")


def test_one_id_for_many_requests_is_told_as_that(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [(f"req-{number % 2}", 4 + number / 100, 200) for number in range(100)]
    found = _logged(target, monkeypatch, *lines)
    judged = line("request-id-traceability", observability=found)
    assert (judged.outcome, judged.reason) == (
        "fail",
        "request ids do not distinguish requests: 100 requests have 2 different ids in the log; 'req-0' stands for 50",
    )
    for key in ("failures-are-logged", "log-lines-say-what-clients-saw"):
        assert line(key, observability=found).outcome == "inconclusive"


def test_of_several_logs_the_one_that_begins_last_is_the_one_that_was_cut(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = {"event": "request", "total_ms": 5, "status": 200, "route": "/v1/sessions/{session_id}/answers"}
    files = [target.files.directory / name for name in ("worker-1.log", "worker-2.log")]
    for path, second, name in zip(files, (2, 8), ("x", "y"), strict=True):
        path.write_text(json.dumps({"ts": EPOCH + second, "request_id": name, "user_id": "u", **common}) + "\n")

    def read(environment: Environment, runtime: object, since: float, asked: LogQuery) -> LogReview:
        return review(environment, log_files(*files), since, asked)

    monkeypatch.setattr(observability, "provoke_failures", lambda target: ((), {}, None))
    monkeypatch.setattr(observability, "review_when_written", read)
    target.files.store.write(measured("load", load(samples=NAMES)))
    judged = line("request-id-traceability", observability=gather(target))
    assert judged.outcome == "inconclusive"
    assert judged.reason.startswith("3 of 3 requests ended before worker-2.log begins (at 00:00:08 UTC with ")


def test_requests_of_a_drill_that_the_fault_did_not_affect_have_to_be_in_the_log(tmp_path: Path) -> None:
    made = make_target(tmp_path)
    name = "ledger/drill_worker_loss.samples.jsonl"
    before, just_before, during, after = (sample(at=at, request_id=f"at {at}") for at in (8, 9.5, 12, 17))
    refused = sample(at=7, request_id="refused", status=409, outcome="client_error")
    _keep(tmp_path / name, before, just_before, during, after, refused)
    stages = {"after": stage("after", started=EPOCH + 16), "samples": (name,)}
    record = drill("drill_worker_loss", injected=EPOCH + 10, removal_began=EPOCH + 15, **stages)
    seen = seen_by_clients(made, None, [record])
    assert {drill: [one.request_id for one in chosen] for drill, chosen in seen.outside_fault.items()} == {
        "drill_worker_loss": ["at 8", "at 17"]
    }
    assert (seen.traced_ids, seen.must_be_logged) == (frozenset(), frozenset({"at 8", "at 17", "refused"}))


@pytest.mark.parametrize("damaged", [True, False], ids=["damaged", "missing"])
def test_samples_that_cannot_be_read_are_no_measurement(target: Target, damaged: bool) -> None:
    path = target.files.directory / NAMES[1]
    path.unlink()
    if damaged:
        path.write_text("damage\n")
    with pytest.raises(Unmeasurable, match="the samples cannot be read"):
        seen_by_clients(target, load(samples=NAMES), ())


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 399, 400, 5000])
def test_two_hundred_requests_are_followed_evenly_spread_over_the_load(tmp_path: Path, count: int) -> None:
    path = _keep(tmp_path / "load.samples.jsonl", *(sample(at=float(number)) for number in range(count)))
    chosen = [round(one.started - EPOCH) for one in evenly_spread(read_samples(path))]
    assert len(chosen) == len(set(chosen)) == min(count, 200)
    assert chosen == sorted(chosen)
    gaps = [later - earlier for earlier, later in pairwise(chosen)]
    assert max(gaps, default=1) <= max(1, 3 * count / 200)
    assert not chosen or chosen[-1] >= count - max(1, 3 * count / 200)


def test_the_log_is_read_although_a_candidate_cannot_log_in(target: Target) -> None:
    (made,), secrets, last = provoke_failures(target)
    assert (secrets, last) == ({}, None)
    assert (made.passed, made.status) == (None, None)
    assert made.detail == "env.x.candidates is not set, so nobody can sit the exam"
    judged = line("failures-were-provoked", observability=of_logs(provoked=(made,)))
    assert (judged.outcome, judged.reason) == (
        "inconclusive",
        f"could not provoke a failure (a refused request: {made.detail})",
    )
