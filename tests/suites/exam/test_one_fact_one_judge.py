"""What went wrong is red in the same way for the line, its gate, the record in `verdict.json` and the verdict."""

from typing import NamedTuple

import pytest

from pytest_examday.core.verdict import LineRecord, decide
from pytest_examday.record import Record
from pytest_examday.suites.exam.suite import SUITE
from tests import builders
from tests.suites.exam.test_every_line_can_fail import further_check


class Wrong(NamedTuple):
    """Planted records by activity, and what the lines that fail and their gates say of them."""

    records: dict[str, Record]
    lines: dict[str, str]
    gates: dict[str, str]


_LOST = builders.integrity(lost_submits=3)
_BROKEN = builders.drill(during=builders.stage("during", builders.failing(60, 60, "transport"), operations=()))
_BROKEN_ANSWERS = builders.drill(
    during=builders.stage(
        "during",
        builders.failing(60, 60, "transport"),
        operations=(builders.failing(60, 60, "transport", "answer"),),
    )
)
_SLOW = builders.drill("drill_backend_restart", recoveries=builders.recoveries(builders.recovery("health", 90.0)))
_STRANGE = builders.integrity(never_sent=5, wrong_scores=2, event_missing=4)
_LATE = "drill_backend_restart: health recovered after 90.0 s, limit 60 s"
_STORED, _SCORES, _LOGGED = (
    "answers stored that nobody sent: 5",
    "scores that the acknowledged answers do not earn: 2",
    "acknowledged answers that the platform's event history does not have: 4",
)

WRONG = {
    "three acknowledged submissions are lost": Wrong(
        {"integrity": _LOST, "integrity_after": _LOST},
        dict.fromkeys(
            ("every-acknowledged-answer-is-kept", "data-consistency-every-acknowledged-answer-is-kept"),
            "acknowledged submissions lost: 3",
        ),
        {"zero-data-loss": "acknowledged submissions lost: 3"},
    ),
    "sixty of sixty requests break without a reply while Redis is away": Wrong(
        {"drill_redis_outage": _BROKEN},
        {"redis-outage-no-request-crashes": "drill_redis_outage: 60 of 60 requests crashed: 60 transport"},
        {"failures-handled": "drill_redis_outage: 60 of 60 requests crashed: 60 transport"},
    ),
    "sixty of sixty answers break without a reply while Redis is away": Wrong(
        {"drill_redis_outage": _BROKEN_ANSWERS},
        {"redis-outage-no-request-crashes": "drill_redis_outage: 60 of 60 answer requests crashed: 60 transport"},
        {"failures-handled": "drill_redis_outage: 60 of 60 answer requests crashed: 60 transport"},
    ),
    "the recovery takes 90 seconds where 60 are the limit": Wrong(
        {"drill_backend_restart": _SLOW},
        {"backend-restart-recovery-time": _LATE, "health-is-restored": _LATE},
        {"recovery-tested": _LATE},
    ),
    "answers that nobody sent, wrong scores, and answers that are missing in the platform's log": Wrong(
        {"integrity_after": _STRANGE},
        {
            "data-consistency-nothing-is-stored-that-nobody-sent": _STORED,
            "data-consistency-every-score-is-as-earned": _SCORES,
            "data-consistency-the-platforms-own-log-agrees": _LOGGED,
        },
        {"zero-data-loss": _LOGGED, "no-corrupted-sessions": f"{_SCORES}; {_STORED}"},
    ),
    "a ninth SQL check finds seven rows in phase 4": Wrong(
        {"integrity": further_check(7)},
        {"other-checks-find-nothing": "Sessions Without Owner: 7"},
        {"no-corrupted-sessions": "Sessions Without Owner: 7"},
    ),
    "a ninth SQL check finds seven rows after the recovery drill": Wrong(
        {"integrity_after": further_check(7)},
        {"data-consistency-other-checks-find-nothing": "Sessions Without Owner: 7"},
        {"no-corrupted-sessions": "Sessions Without Owner: 7"},
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_lines_and_gates_say_the_same_of_what_went_wrong(wrong: Wrong) -> None:
    judged = builders.judged(**wrong.records)
    assert {key: one.reason for key, one in judged.lines.items() if one.outcome != "pass"} == wrong.lines
    assert {name: one.reason for name, one in judged.gates.items() if one.outcome != "pass"} == wrong.gates
    assert {one.outcome for one in judged.gates.values()} == {"pass", "fail"}
    assert decide(judged.gates.values()) == "NO-GO"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_the_record_of_a_line_in_the_verdict_is_what_its_judge_said(wrong: Wrong) -> None:
    records = [LineRecord.of(SUITE.name, one) for one in builders.judged(**wrong.records).lines.values()]
    assert {one.key: one.reason for one in records if one.outcome == "fail"} == wrong.lines
    assert {one.outcome for one in records} == {"pass", "fail"}


def test_a_ninth_check_that_finds_nothing_is_told_and_changes_nothing() -> None:
    judged = builders.judged(integrity=further_check(0), integrity_after=further_check(0))
    assert {one.outcome for one in judged.gates.values()} == {"pass"}
    assert judged.lines["other-checks-find-nothing"].facts_in_words == "Sessions Without Owner: 0; 1 other SQL checks"


def test_a_good_run_is_go() -> None:
    judged = builders.judged()
    assert decide(judged.gates.values()) == "GO"
    assert all(one.reason for one in judged.gates.values())
