"""Gates on the drills."""

from typing import Any

import pytest

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.evidence.drill_evidence import READ_BACK
from pytest_examday.evidence.figures import DrillStage, OperationFigures
from pytest_examday.evidence.reconciliation import Difference
from tests import builders

PHASE_3 = ("drill_redis_outage", "drill_worker_loss", "drill_worker_pause")
ALL_DRILLS = (*builders.DRILLS, "drill_system_restart")
CRASHED = builders.stage("during", operations=(builders.failing(50, 2, operation="submit"),))

MISHANDLED: list[tuple[dict[str, Any], str]] = [
    ({"probes": (builders.probe("login during", False, "HTTP 500"),)}, "{drill}: login during: HTTP 500"),
    ({"during": CRASHED}, "{drill}: 2 of 50"),
    ({"reconciliation": builders.reconciliation(lost=1)}, "{drill}: acknowledged answers lost: 1"),
    (
        {"reconciliation": builders.reconciliation(stale=2, vanished=1)},
        "{drill}: acknowledged answers overwritten by another value: 2; sessions vanished: 1",
    ),
    ({"reconciliation": builders.reconciliation(lost_submits=1)}, "{drill}: acknowledged submissions lost: 1"),
    ({"fates": (builders.waiter("cyd"),)}, "{drill}: cyd waited 42.0 s on submit"),
    ({"stopped_because": "20 of 30 requests failed"}, "{drill}: stopped on harm: 20 of 30 requests failed"),
]
UNSEEN: list[tuple[dict[str, Any], str]] = [
    ({"probes": ()}, "{drill}: nothing was tried"),
    ({"reconciliation": builders.reconciliation(acknowledged=0, kept=0)}, "{drill}: no answer was acknowledged"),
    ({"during": builders.stage("during", builders.figures("all", 0))}, "{drill}: no candidate sent anything while"),
    ({"reconciliation": None}, "{drill}: its ledger was not compared with the database"),
    ({"reconciliation": builders.reconciliation(unread=2)}, "{drill}: 2 sessions could not be read back"),
]
NOT_RECOVERED: list[tuple[dict[str, Any], str]] = [
    ({"fault_gone": False, "fault_gone_detail": "redis is not running"}, "{drill}: redis is not running"),
    (
        {"recoveries": builders.recoveries(builders.recovery("worker-2", None, "not seen to answer"))},
        "{drill}: worker-2 had not recovered after 60 s not seen to answer",
    ),
    (
        {"recoveries": builders.recoveries(builders.recovery("ready", 61.0))},
        "{drill}: ready recovered after 61.0 s, limit 60 s",
    ),
    (
        {"after": builders.stage("after", builders.failing(100, 2))},
        "{drill}: 2 of 100 requests failed after the recovery (2.00%, limit 1%): 2 server_error",
    ),
]
RECOVERY_UNSEEN: list[tuple[dict[str, Any], str]] = [
    ({"recoveries": ()}, "{drill}: the recovery of health, ready, create, answer, submit was not watched"),
    ({"after": builders.stage("after", builders.figures("all", 0))}, "{drill}: no candidate sent anything after"),
]


def test_failures_after_the_recovery_are_told_with_the_longest_wait() -> None:
    found = {"after": builders.stage("after", builders.failing(100, 5)), "fates": (builders.waiter("eve", 20.4),)}
    result = builders.gate("recovery-tested", drill_worker_loss=builders.drill("drill_worker_loss", **found))
    assert "5 of 100 requests failed after the recovery" in result.reason
    assert "; the longest wait: 20.4 s on submit (eve)" in result.reason


@pytest.mark.parametrize("drill", PHASE_3)
@pytest.mark.parametrize(("found", "reason"), MISHANDLED)
def test_failures_handled_fails_where_candidates_felt_the_fault(drill: str, found: dict[str, Any], reason: str) -> None:
    result = builders.gate("failures-handled", **{drill: builders.drill(drill, **found)})
    assert result.outcome == "fail"
    assert result.reason.startswith(reason.format(drill=drill))


@pytest.mark.parametrize("drill", PHASE_3)
@pytest.mark.parametrize(("found", "reason"), UNSEEN)
def test_failures_handled_is_inconclusive_where_nobody_looked(drill: str, found: dict[str, Any], reason: str) -> None:
    result = builders.gate("failures-handled", **{drill: builders.drill(drill, **found)})
    assert result.outcome == "inconclusive"
    assert result.reason.startswith(reason.format(drill=drill))


def test_failures_handled_fails_where_redis_went_away_without_a_warning() -> None:
    result = builders.gate("failures-handled", drill_redis_outage=builders.drill(warnings_logged=0))
    assert (result.outcome, result.reason) == (
        "fail",
        "drill_redis_outage: no warning was logged while the fault was in",
    )


def test_failures_handled_is_inconclusive_where_warnings_could_not_be_looked_for() -> None:
    drill = builders.drill(warnings_logged=None, warning_sample=None, warnings_unread="no log files are known")
    result = builders.gate("failures-handled", drill_redis_outage=drill)
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "drill_redis_outage: warnings were not looked for: no log files are known",
    )


@pytest.mark.parametrize("outcome", ["timeout", "transport", "unexpected", "server_error"])
def test_a_broken_connection_without_redis_is_a_crash(outcome: str) -> None:
    broken = builders.stage("during", operations=(builders.failing(50, 1, outcome, "answer"),))
    result = builders.gate("failures-handled", drill_redis_outage=builders.drill(during=broken))
    assert (result.outcome, result.reason) == (
        "fail",
        f"drill_redis_outage: 1 of 50 answer requests crashed: 1 {outcome}",
    )


def test_broken_connections_of_a_killed_worker_are_no_crash() -> None:
    cut = builders.stage("during", operations=(builders.failing(50, 3, "transport", "answer"),))
    assert (
        builders.gate("failures-handled", drill_worker_loss=builders.drill("drill_worker_loss", during=cut)).outcome
        == "pass"
    )


@pytest.mark.parametrize(("status", "outcome"), [("502", "pass"), ("504", "pass"), ("5xx", "fail")])
def test_what_a_proxy_says_of_a_killed_workers_connections_is_no_crash(status: str, outcome: str) -> None:
    failing = builders.failing(50, 2, "server_error", "answer")
    cut = builders.stage("during", operations=(failing.model_copy(update={"by_status": {"2xx": 48, status: 2}}),))
    drill = builders.drill("drill_worker_loss", during=cut)
    assert builders.gate("failures-handled", drill_worker_loss=drill).outcome == outcome


def test_a_proxy_that_gives_up_without_redis_is_a_crash() -> None:
    failing = builders.failing(50, 2, "server_error", "answer")
    cut = builders.stage("during", operations=(failing.model_copy(update={"by_status": {"2xx": 48, "504": 2}}),))
    assert builders.gate("failures-handled", drill_redis_outage=builders.drill(during=cut)).outcome == "fail"


def test_tokens_that_were_refused_and_renewed_are_no_crash() -> None:
    renewed = builders.stage("during", operations=(builders.failing(50, 30, "expired", "answer"),))
    assert (
        builders.gate("failures-handled", drill_worker_loss=builders.drill("drill_worker_loss", during=renewed)).outcome
        == "pass"
    )


@pytest.mark.parametrize("drill", ALL_DRILLS)
@pytest.mark.parametrize(("found", "reason"), NOT_RECOVERED)
def test_recovery_fails_where_something_did_not_come_back(drill: str, found: dict[str, Any], reason: str) -> None:
    result = builders.gate("recovery-tested", **{drill: builders.drill(drill, **found)})
    assert (result.outcome, result.reason) == ("fail", reason.format(drill=drill))


@pytest.mark.parametrize(
    ("watched", "limit", "outcome", "reason"),
    [
        (60.2, 60, "fail", "drill_redis_outage: ready had not recovered after 60 s HTTP 503"),
        (60.2, 30, "fail", "drill_redis_outage: ready had not recovered after 30 s HTTP 503"),
        (
            60.2,
            90,
            "inconclusive",
            "drill_redis_outage: ready was watched for 60.2 s and had not recovered by then HTTP 503; the "
            "limit is 90 s",
        ),
        (
            None,
            60,
            "inconclusive",
            "drill_redis_outage: ready was not seen to recover, and it is unknown for how long it was watched",
        ),
    ],
    ids=["the same limit", "a shorter limit", "a longer limit", "of an older run"],
)
def test_what_had_not_recovered_fails_only_if_it_was_watched_for_the_limit(
    watched: float | None, limit: float, outcome: str, reason: str
) -> None:
    away = builders.recovery("ready", None, "HTTP 503").model_copy(update={"watched_seconds": watched})
    drill = builders.drill(recoveries=builders.recoveries(away))
    result = builders.line("redis-outage-recovery-time", Thresholds(recovery_seconds=limit), drill_redis_outage=drill)
    assert (result.outcome, result.reason) == (outcome, reason)


@pytest.mark.parametrize("drill", ALL_DRILLS)
@pytest.mark.parametrize(("found", "reason"), RECOVERY_UNSEEN)
def test_recovery_is_inconclusive_where_it_was_not_seen(drill: str, found: dict[str, Any], reason: str) -> None:
    result = builders.gate("recovery-tested", **{drill: builders.drill(drill, **found)})
    assert result.outcome == "inconclusive"
    assert result.reason.startswith(reason.format(drill=drill))


@pytest.mark.parametrize("gate", ["failures-handled", "recovery-tested", "zero-data-loss", "no-manual-fixes"])
def test_a_planned_drill_that_measured_nothing_leaves_the_gate_open(gate: str) -> None:
    result = builders.gate(gate, drill_network_delay=None)
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "drill_network_delay was not measured: no platform",
    )
    assert "evidence/drill_network_delay.json" in result.evidence


def test_what_one_drill_shows_is_judged_though_another_measured_nothing() -> None:
    lost = builders.drill("drill_worker_pause", reconciliation=builders.reconciliation(lost=1))
    result = builders.gate("failures-handled", drill_network_delay=None, drill_worker_pause=lost)
    assert result.outcome == "fail"
    assert result.reason.startswith("drill_worker_pause: acknowledged answers lost: 1")


def test_nobody_can_be_served_in_an_outage_and_that_is_no_crash() -> None:
    drill = builders.drill("drill_postgres_restart", during=CRASHED, outage=True)
    assert builders.gate("failures-handled", drill_postgres_restart=drill).outcome == "pass"


def test_who_could_not_submit_after_a_further_drill_needs_a_repair() -> None:
    stuck = builders.drill("drill_worker_pause", fates=(builders.fate("cyd", finished=False, story="HTTP 409"),))
    result = builders.gate("no-manual-fixes", drill_worker_pause=stuck)
    assert result.outcome == "fail"
    assert "first: cyd: HTTP 409" in result.reason


NOT_FELT: list[tuple[dict[str, Any], str]] = [
    (
        {"readings": builders.readings(builders.reading("redis_url (db:6379)", False, "still replied: PONG"))},
        "drill_redis_outage: the fault (redis) was not felt at redis_url (db:6379): still replied: PONG, "
        "1.0 s after it went "
        "in",
    ),
    (
        {
            "readings": builders.readings(builders.reading(READ_BACK, False, "redis was back")),
            "planned_seconds": 12.0,
        },
        "drill_redis_outage: redis was back 1.0 s of 12 s after the fault went in, and no drill had taken it out",
    ),
    (
        {
            "readings": (
                builders.reading(READ_BACK, detail="not running: api-1, api-2"),
                builders.reading(READ_BACK, detail="not running: api-2"),
            )
        },
        "drill_redis_outage: api-1 came back while the fault was to be in",
    ),
    ({"planned_seconds": 12.0}, "drill_redis_outage: the fault was held for 5.0 s, not for 12 s"),
    ({"readings": ()}, "drill_redis_outage: nobody looked whether the fault was in"),
]


@pytest.mark.parametrize(("found", "reason"), NOT_FELT)
def test_a_fault_that_was_not_in_or_not_felt_is_inconclusive_with_what_was_seen(
    found: dict[str, Any], reason: str
) -> None:
    result = builders.gate("failures-handled", drill_redis_outage=builders.drill(**found))
    assert (result.outcome, result.reason) == ("inconclusive", reason)


def test_a_delay_that_no_operation_shows_is_inconclusive_with_every_look() -> None:
    looks = (builders.reading(READ_BACK), builders.reading("ready of the API", False, "took 4 ms"))
    actors = builders.reading("the actors", False, "half of the answer requests took 9 ms or longer")
    drill = builders.drill("drill_slow_database", delay_ms=100, readings=(*looks, actors))
    result = builders.gate("failures-handled", drill_slow_database=drill)
    assert result.outcome == "inconclusive"
    assert "was not felt at ready of the API: took 4 ms" in result.reason
    assert "was not felt at the actors: half of the answer requests took 9 ms" in result.reason


def test_a_delay_is_felt_in_one_way_though_another_does_not_pass_there() -> None:
    looks = (builders.reading(READ_BACK), builders.reading("ready of the API", False, "took 4 ms"))
    drill = builders.drill("drill_slow_database", delay_ms=100, readings=(*looks, builders.reading("the actors")))
    assert builders.gate("failures-handled", drill_slow_database=drill).outcome == "pass"


def test_without_an_address_it_is_said_that_the_fault_was_read_back_only() -> None:
    drill = builders.drill(readings=(builders.reading(READ_BACK),))
    result = builders.line("redis-outage-fault-is-felt", drill_redis_outage=drill)
    assert (result.outcome, result.facts_in_words) == (
        "pass",
        "held for 5.0 s; read back only, no address is known at which it could be felt",
    )


def test_what_crashed_before_the_fault_as_often_is_not_the_drills() -> None:
    crashing = (builders.failing(50, 1, "server_error", "answer"),)
    drill = builders.drill(
        before=builders.stage("before", operations=crashing), during=builders.stage("during", operations=crashing)
    )
    result = builders.line("redis-outage-no-request-crashes", drill_redis_outage=drill)
    assert result.outcome == "pass"
    assert "1 of 50 answer requests crashed, 1 of 50 before the fault already" in result.facts_in_words


def test_one_failure_among_few_requests_after_the_recovery_is_no_rate() -> None:
    drill = builders.drill("drill_backend_restart", after=builders.stage("after", builders.failing(71, 1)))
    result = builders.line("backend-restart-requests-succeed-afterwards", drill_backend_restart=drill)
    assert result.outcome == "pass"
    assert "one failure alone among fewer than 100 requests is not judged as a rate" in result.facts_in_words


def test_losses_acknowledged_after_the_recovery_are_not_the_drills() -> None:
    after = builders.EPOCH + 60
    lost = Difference(
        kind="lost",
        actor="ada",
        subject="s-1",
        key="q1",
        acknowledged="A",
        stored=None,
        request_id="ed-1",
        story="it is gone",
        acknowledged_at=after + 1,
    )
    drill = builders.drill(
        reconciliation=builders.reconciliation(lost=1, differences=(lost,)),
        after=builders.stage("after", started=after, ended=after + 5),
    )
    result = builders.line("redis-outage-no-lost-answers", drill_redis_outage=drill)
    assert result.outcome == "pass"
    assert "all of them acknowledged after the recovery, not in this fault" in result.facts_in_words


@pytest.mark.parametrize(
    ("outage", "limit", "outcome"), [(False, 19, "fail"), (False, 20, "pass"), (True, 14, "fail"), (True, 15, "pass")]
)
def test_waits_in_a_drill_are_judged_by_the_limit_of_the_run_that_judges(
    outage: bool, limit: float, outcome: str
) -> None:
    """In an outage of 5 s a candidate may wait 5 s longer."""
    for harmed in ((), (builders.harm("cyd"),)):
        drill = builders.drill(fates=(builders.waiter("cyd", 20),), harmed=harmed, outage=outage)
        limits = Thresholds(drill_wait_seconds=limit)
        assert (
            builders.line("redis-outage-harm-stays-within-limits", limits, drill_redis_outage=drill).outcome == outcome
        )


def test_workers_with_other_names_are_a_mistake_and_unwatched_ones_are_told() -> None:
    mistaken = builders.drill("drill_worker_loss", workers_mistaken="the names of workers differ")
    unwatched = builders.drill("drill_worker_loss", workers_unwatched="api-2 could not be watched")
    assert builders.line("worker-loss-recovery-time", drill_worker_loss=mistaken).outcome == "inconclusive"
    result = builders.line("worker-loss-recovery-time", drill_worker_loss=unwatched)
    assert result.outcome == "pass"
    assert "api-2 could not be watched" in result.facts_in_words


def test_what_was_lost_is_told_by_the_time_at_which_it_was_acknowledged() -> None:
    """Candidates of a drill work before the fault and after it too, and may lose then what the fault never touched."""
    injected = builders.EPOCH
    moments = (injected - 3, injected + 1, injected + 2, injected + 30)
    differences = tuple(
        Difference(
            kind="lost",
            actor=f"candidate {number}",
            subject="s-1",
            key="q1",
            acknowledged="A",
            stored=None,
            request_id="ed-1",
            story="it is gone",
            acknowledged_at=moment,
        )
        for number, moment in enumerate(moments)
    )
    lost = builders.drill(reconciliation=builders.reconciliation(lost=4, differences=differences))
    result = builders.gate("failures-handled", drill_redis_outage=lost)
    assert result.reason.startswith(
        "drill_redis_outage: acknowledged answers lost: 4 (first: candidate 0, session s-1, question q1, "
        "acknowledged at "
    )
    assert result.reason.endswith(
        ": of 4 reported losses 1 acknowledged before the fault, 2 while it was in, 1 after it"
    )


def test_a_ledger_that_was_not_compared_says_why() -> None:
    uncompared = builders.drill(reconciliation=None, not_compared_because="the database is a standby")
    result = builders.gate("failures-handled", drill_redis_outage=uncompared)
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "drill_redis_outage: its ledger was not compared with the database: the database is a standby",
    )


RESETS = (builders.failing(780, 4, "transport", "answer"), builders.figures("submit", 71))
"""A load of 851 requests, of which 0.47 % were reset: fewer than the limit of 1 %."""


def _reset_in(stage: str, requests: int, errors: int) -> DrillStage:
    answers = builders.failing(requests, errors, "transport", "answer")
    return builders.stage(stage, builders.failing(requests, errors, "transport"), operations=(answers,))


@pytest.mark.parametrize(("errors", "outcome"), [(1, "pass"), (2, "pass"), (7, "fail")])
def test_resets_that_came_as_often_in_the_load_are_not_the_drills(errors: int, outcome: str) -> None:
    fields = {"undisturbed": RESETS, "cuts_connections": False}
    drill = builders.drill("drill_redis_outage", during=_reset_in("during", 71, errors), **fields)
    assert builders.gate("failures-handled", drill_redis_outage=drill).outcome == outcome
    recovery = builders.drill("drill_backend_restart", after=_reset_in("after", 71, errors), **fields)
    assert builders.gate("recovery-tested", drill_backend_restart=recovery).outcome == outcome


def test_another_operation_of_the_load_is_no_baseline() -> None:
    elsewhere = (builders.failing(780, 40, "transport", "login"), builders.figures("answer", 71))
    drill = builders.drill(undisturbed=elsewhere, during=_reset_in("during", 71, 2), cuts_connections=False)
    assert builders.line("redis-outage-no-request-crashes", drill_redis_outage=drill).outcome == "fail"


@pytest.mark.parametrize(
    ("outcome", "red"), [("client_error", set()), ("server_error", {"failures-handled"})], ids=["HTTP 409", "HTTP 500"]
)
def test_one_failed_answer_of_a_double_click_fails_one_gate_only(outcome: str, red: set[str]) -> None:
    answers = builders.failing(71, 1, outcome, "answer")
    stages = {
        name: builders.stage(name, builders.failing(71, 1, outcome), operations=(answers,))
        for name in ("during", "after")
    }
    gates = builders.judged(drill_worker_loss=builders.drill("drill_worker_loss", **stages)).gates
    assert {name for name, one in gates.items() if one.outcome != "pass"} == red


@pytest.mark.parametrize(
    ("after", "before", "outcome", "reason"),
    [
        (
            builders.figures("answer", 50, 3007.0),
            builders.figures("answer", 50),
            "fail",
            "drill_worker_loss: p95 of 50 answer requests after the recovery is 3007 ms, limit 500 ms, "
            "before the fault it "
            "was 20 ms",
        ),
        (builders.figures("answer", 50, 3007.0), builders.figures("answer", 50, 1800.0), "pass", ""),
        (builders.figures("answer", 50, 480.0), builders.figures("answer", 50), "pass", ""),
        (builders.figures("answer", 8, 3007.0), builders.figures("answer", 50), "pass", ""),
        (
            builders.figures("answer", 8, 3007.0, p50_ms=900.0),
            builders.figures("answer", 50),
            "fail",
            "drill_worker_loss: p50 of 8 answer requests after the recovery is 900 ms, limit 500 ms, before "
            "the fault it was "
            "10 ms",
        ),
        (builders.figures("answer", 4, 3007.0, p50_ms=3000.0), builders.figures("answer", 50), "pass", ""),
        (
            builders.figures("answer", 50, 3007.0),
            builders.figures("login", 50),
            "inconclusive",
            "drill_worker_loss: p95 of 50 answer requests after the recovery is 3007 ms, limit 500 ms, and "
            "nobody measured it"
            " before the fault",
        ),
    ],
    ids=["late", "late before", "fast enough", "one of few", "half of few", "too few", "unknown before"],
)
def test_replies_after_the_recovery_are_compared_with_those_before_the_fault(
    after: OperationFigures, before: OperationFigures, outcome: str, reason: str
) -> None:
    stages = {
        "before": builders.stage("before", operations=(before,)),
        "after": builders.stage("after", operations=(after,)),
    }
    result = builders.line(
        "worker-loss-requests-are-fast-afterwards", drill_worker_loss=builders.drill("drill_worker_loss", **stages)
    )
    assert result.outcome == outcome
    assert result.reason.startswith(reason)


def test_latency_that_is_spread_over_many_operations_shows_in_all_of_them_together() -> None:
    late = builders.stage("after", builders.figures("all", 60, 2900.0), operations=())
    result = builders.line(
        "worker-loss-requests-are-fast-afterwards", drill_worker_loss=builders.drill("drill_worker_loss", after=late)
    )
    assert (result.outcome, result.reason) == (
        "fail",
        "drill_worker_loss: p95 of 60 candidates' requests after the recovery is 2900 ms, limit 500 ms, "
        "before the fault it "
        "was 20 ms",
    )


@pytest.mark.parametrize(("lost", "outcome"), [(0, "fail"), (1, "pass")])
def test_pages_of_a_drill_are_judged_unless_the_stored_answers_are_wrong(lost: int, outcome: str) -> None:
    stale = builders.fate("cyd", shown_wrongly=("read, question q3: expected B, shown nothing",))
    stored = builders.reconciliation(lost=lost, harmed=("cyd",) * lost)
    drill = builders.drill("drill_worker_loss", fates=(stale,), reconciliation=stored)
    assert builders.line("worker-loss-candidates-see-what-was-acknowledged", drill_worker_loss=drill).outcome == outcome


@pytest.mark.parametrize(
    ("before", "outcome"), [("HTTP 409: you have an open exam", "inconclusive"), ("HTTP 503", "fail")]
)
def test_an_answer_that_came_before_the_fault_too_is_no_failed_recovery(before: str, outcome: str) -> None:
    after = "HTTP 409: you have an open exam"
    drill = builders.drill(
        "drill_worker_pause",
        recoveries=builders.recoveries(builders.recovery("create", None, after)),
        failed_before={"create": before},
    )
    made = builders.gate("recovery-tested", drill_worker_pause=drill)
    assert (made.outcome, after in made.reason) == (outcome, True)


@pytest.mark.parametrize(("before", "outcome"), [("HTTP 409: too early", "inconclusive"), ("HTTP 503", "fail")])
def test_a_probe_that_ends_as_before_the_fault_accuses_nobody(before: str, outcome: str) -> None:
    probes = (builders.probe("retry", False, "answer: HTTP 200; submit: HTTP 409: too early"),)
    drill = builders.drill("drill_worker_loss", probes=probes, failed_before={"submit": before})
    assert builders.gate("failures-handled", drill_worker_loss=drill).outcome == outcome


@pytest.mark.parametrize(
    ("in_load", "outcome"), [((5, 500), "inconclusive"), ((1, 5000), "fail"), ((0, 500), "fail"), ((0, 0), "fail")]
)
def test_losses_that_the_load_has_in_the_same_way_are_not_held_against_the_fault(
    in_load: tuple[int, int], outcome: str
) -> None:
    losses, writes = in_load
    drill = builders.drill(
        reconciliation=builders.reconciliation(lost=2), undisturbed_losses=losses, undisturbed_writes=writes
    )
    result = builders.line("redis-outage-no-lost-answers", drill_redis_outage=drill)
    assert result.outcome == outcome
    assert ("of the load are lost too" in result.reason) == (outcome == "inconclusive")
