"""What a candidate in k6 does when the platform misbehaves: the same as a built-in one."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_examday.config.profiles import Habits, LoadProfile
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.load.ledger import Write
from pytest_examday.load.load_plan import PlannedAccount
from pytest_examday.load.samples import Sample

from .conftest import Loaded, Planned
from .fake import Fake, Reply, serving

CALM: dict[str, Any] = {
    "think_seconds": (0.1, 0.15),
    "blank_share": 0,
    "change_share": 0,
    "double_click_share": 0,
    "resume_share": 0,
    "timeout_seconds": 1,
    "patience_seconds": 3,
}


@dataclass
class Sat:
    """How one candidate's exam went, as the rehearsal's files tell it."""

    fate: ActorFate
    writes: list[Write]
    samples: list[Sample]

    def write(self, kind: str) -> Write:
        """The first write of that kind."""
        return next(write for write in self.writes if write.kind == kind)

    def outcomes(self, operation: str) -> list[str]:
        """How the requests of that operation ended, one after the other."""
        return [sample.outcome for sample in self.samples if sample.operation == operation]


Sit = Callable[..., Sat]


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A platform that does as it is told."""
    with serving(Fake()) as running:
        yield running


@pytest.fixture
def sit(fake: Fake, planned: Planned, loaded: Loaded) -> Sit:
    """Sits one exam of about a second."""

    def run(
        account: PlannedAccount | None = None, seconds: float = 0.4, contract: Contract = CONTRACT, **habits: Any
    ) -> Sat:
        profile = LoadProfile(
            candidates=1,
            arrive_seconds=0.1,
            answer_seconds=seconds,
            submit_seconds=0.1,
            questions=3,
            ramp_seconds=0,
            habits=Habits(**{**CALM, **habits}),
        )
        ada = account or PlannedAccount(email="ada@exam.example", password="battery staple")
        with loaded(planned(profile, api_url=fake.url, accounts=(ada,), contract=contract)) as load:
            load.wait(60)
        (fate,) = load.fates()
        return Sat(fate, list(load.writes()), list(load.samples()))

    return run


def test_a_server_error_is_tried_again_with_the_same_key(fake: Fake, sit: Sit) -> None:
    fake.faults["create"] = [Reply(503), Reply(500)]
    sat = sit()
    assert sat.outcomes("create") == ["server_error", "server_error", "ok"]
    assert len({call.key for call in fake.calls("create")}) == 1
    assert len({call.request_id for call in fake.calls("create")}) == 3
    assert sat.write("create").state == "acknowledged"
    assert sat.fate.finished
    first, second, last = [sample for sample in sat.samples if sample.operation == "create"]
    assert (first.response_ms, second.response_ms) == (None, None)
    assert last.response_ms is not None
    assert last.response_ms >= 300 > last.ms  # two pauses of at least 100 and 200 ms


def test_a_key_in_the_body_is_the_same_in_each_try(fake: Fake, sit: Sit) -> None:
    create = CONTRACT.create.model_copy(update={"body": {"once": "{key}"}})
    fake.faults["create"] = [Reply(503)]
    sat = sit(contract=CONTRACT.model_copy(update={"create": create, "idempotency_header": None}))
    first, second = (call.body["once"] for call in fake.calls("create"))
    assert first == second == sat.write("create").key
    assert {call.key for call in fake.seen} == {None}


def test_a_lost_connection_is_tried_again_and_the_page_reloaded(fake: Fake, sit: Sit) -> None:
    fake.faults["answer"] = [Reply(None)]
    sat = sit()
    assert sat.outcomes("answer")[:2] == ["transport", "ok"]
    assert sat.outcomes("read") == ["ok"]


def test_a_timeout_is_tried_again(fake: Fake, sit: Sit) -> None:
    fake.faults["submit"] = [Reply(200, {"status": "SUBMITTED"}, seconds=1.5)]
    sat = sit()
    assert sat.outcomes("submit") == ["timeout", "ok"]
    assert len({call.key for call in fake.calls("submit")}) == 1


def test_a_rate_limit_is_waited_out_as_it_asks_and_counts_apart(fake: Fake, sit: Sit) -> None:
    fake.faults["create"] = [Reply(429, headers={"Retry-After": "1"})]
    sat = sit()
    assert sat.outcomes("create") == ["limited", "ok"]
    first, second = fake.calls("create")
    assert second.at - first.at >= 1


def test_a_pause_that_the_platform_asks_for_ends_with_the_candidates_patience(fake: Fake, sit: Sit) -> None:
    fake.faults["create"] = [Reply(429, headers={"Retry-After": "3600"})] * 9
    sat = sit(patience_seconds=1)
    assert sat.outcomes("create") == ["limited", "limited"]
    assert sat.fate.story.endswith("at last with HTTP 429, and the platform asked to wait 3600 s")


def test_a_definitive_no_to_a_write_never_left_unanswered_is_refused(fake: Fake, sit: Sit) -> None:
    fake.faults["create"] = [Reply(403)]
    sat = sit()
    assert sat.write("create").state == "refused"
    assert sat.write("create").request_id == fake.calls("create")[0].request_id
    assert sat.fate.story == "create was refused with HTTP 403"
    assert not sat.fate.finished


def test_a_definitive_no_after_an_open_attempt_leaves_the_write_unknown(fake: Fake, sit: Sit) -> None:
    fake.faults["create"] = [Reply(500), Reply(403)]
    assert sit().write("create").state == "unknown"


def test_an_accepted_status_without_the_promised_body_is_unexpected(fake: Fake, sit: Sit) -> None:
    fake.faults["submit"] = [Reply(200, {"status": "ACTIVE"})]
    sat = sit()
    assert sat.outcomes("submit") == ["unexpected"]
    assert sat.write("submit").state == "unknown"
    assert sat.fate.story == "submit got an unusable reply with HTTP 200"


def test_patience_ends(fake: Fake, sit: Sit) -> None:
    fake.faults["submit"] = [Reply(503)] * 50
    sat = sit(patience_seconds=0.5)
    assert sat.write("submit").state == "unknown"
    assert sat.fate.story.endswith("at last with HTTP 503")
    assert sat.fate.worst_wait_operation == "submit"
    assert sat.fate.worst_wait_ms >= 500


def test_a_session_without_questions_ends_the_exam_with_a_word(fake: Fake, sit: Sit) -> None:
    fake.faults["create"] = [Reply(201, {"session_id": "s", "questions": []})]
    sat = sit()
    assert sat.write("create").state == "acknowledged"
    assert sat.fate.story == "the reply to create holds no questions"


def test_a_double_click_sends_two_requests_at_one_moment_and_is_one_write(fake: Fake, sit: Sit) -> None:
    fake.faults["submit"] = [Reply(200, {"status": "SUBMITTED"}, seconds=3)]
    sat = sit(double_click_share=1, timeout_seconds=10, patience_seconds=20)
    first, second = fake.calls("submit")
    assert second.at - first.at < 3, "before the first was answered"
    assert first.key == second.key
    assert [write.kind for write in sat.writes].count("submit") == 1


def test_one_of_two_clicks_may_be_refused_while_the_other_is_worked_on(fake: Fake, sit: Sit) -> None:
    fake.faults["submit"] = [Reply(409, {"detail": "busy"})]
    sat = sit(double_click_share=1)
    assert sorted(one.outcome for one in sat.samples if one.operation == "submit") == ["conflict", "ok"]
    assert sat.fate.finished


def test_a_reload_comes_back_on_a_new_connection_and_compares_the_answers(fake: Fake, sit: Sit) -> None:
    sat = sit(resume_share=1, seconds=0.8)
    (read,) = fake.calls("read")
    before = [call.port for call in fake.seen[: fake.seen.index(read)]]
    assert read.port not in before
    assert sat.fate.story == "sat the exam and submitted"


def test_answers_that_a_reload_does_not_show_are_told(fake: Fake, sit: Sit) -> None:
    fake.faults["answer"] = [Reply(200, {"choice": None}), Reply(None)]
    assert sit(seconds=0.8).fate.story == "reloaded the page and 1 answers were not as acknowledged"


_QUESTIONS = [{"question_id": f"q{n}", "choices": [{"key": "A"}, {"key": "B"}]} for n in range(3)]
_START = {"session_id": "s", "questions": _QUESTIONS, "expires_at": "2026-01-15T10:00:00+00:00"}


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ({"questions": _QUESTIONS[1:]}, "2 questions, at the start 3"),
        ({"questions": [*_QUESTIONS[:2], {**_QUESTIONS[2], "question_id": "q9"}]}, "question 3 is q9, at the start q2"),
        (
            {"questions": [{**_QUESTIONS[0], "stem": "Another?"}, *_QUESTIONS[1:]]},
            'other words for the questions or choices: question 1 is now {"id":"q0","stem":"Another?",'
            '"choices":[{"key":"A"},{"key":"B"}]}',
        ),
        (
            {"expires_at": "2026-01-15T13:00:00Z"},
            "the end of the exam is 2026-01-15 13:00:00 UTC, at the start 2026-01-15 10:00:00 UTC",
        ),
        ({"session_id": "t"}, "session t, and s was opened"),
    ],
    ids=["fewer", "another", "words", "end", "session"],
)
def test_a_reload_that_shows_another_exam_is_told(fake: Fake, sit: Sit, page: dict[str, Any], told: str) -> None:
    fake.faults["create"] = [Reply(201, _START)]
    fake.faults["answer"] = [Reply(200, {"choice": None}), Reply(None)]
    fake.faults["read"] = [Reply(200, {**_START, **page, "answers": []})]
    fate = sit(seconds=0.8).fate
    assert f"read: {told}" in fate.shown_wrongly
    assert fate.shown_end == 1768471200.0


def test_a_reload_that_spells_ids_and_times_in_another_way_shows_the_same(fake: Fake, sit: Sit) -> None:
    usual = "0f8fad5b-d9cb-469f-a165-70867728950e"
    asked = [{**_QUESTIONS[0], "question_id": usual}]
    fake.faults["create"] = [Reply(201, {**_START, "questions": asked})]
    page = {"questions": [{**asked[0], "question_id": usual.upper()}], "expires_at": "2026-01-15T11:00:30+01:00"}
    fake.faults["answer"] = [Reply(200, {"choice": None}), Reply(None)]
    shown = [{"question_id": usual.replace("-", ""), "choice": "A"}]
    fake.faults["read"] = [Reply(200, {**_START, **page, "answers": shown})]
    wrong = [one for one in sit(seconds=0.8).fate.shown_wrongly if "the end of" in one or "at the start" in one]
    assert wrong == []


def test_nobody_submits_earlier_than_the_platform_takes_it(fake: Fake, sit: Sit) -> None:
    sit(contract=CONTRACT.model_copy(update={"earliest_submit_seconds": 2.0}))
    (opened,), (submitted,) = fake.calls("create"), fake.calls("submit")
    assert submitted.at - opened.at >= 2.0


def test_what_was_compared_is_counted(fake: Fake, sit: Sit) -> None:
    fate = sit(resume_share=1, seconds=0.8).fate
    assert (fate.shown_wrongly, fate.not_comparable) == ((), {})
    given = [call for call in fake.calls("answer") if call.body["choice"] is not None]
    assert fate.compared == {"answer": len(given), "read": 1, "review": 1}


def test_an_answer_that_is_taken_back_has_no_value_in_the_ledger(fake: Fake, sit: Sit) -> None:
    sat = sit(resume_share=1, seconds=2.5)
    cleared = [write for write in sat.writes if write.kind == "answer" and write.value is None]
    assert len(cleared) == len([call for call in fake.calls("answer") if call.body["choice"] is None])
    assert len(cleared) > 0
    assert {write.state for write in cleared} == {"acknowledged"}
    assert sat.fate.shown_wrongly == ()


def test_a_platform_that_takes_nothing_back_is_asked_for_nothing_of_the_kind(fake: Fake, sit: Sit) -> None:
    sit(seconds=2.5, contract=CONTRACT.model_copy(update={"clear": None}))
    assert all(call.body["choice"] is not None for call in fake.calls("answer"))


def test_a_score_that_the_right_choices_of_the_review_do_not_earn_is_noted(fake: Fake, sit: Sit) -> None:
    asked = [{"question_id": "q0", "choices": [{"key": "A"}]}]
    fake.faults["create"] = [Reply(201, {"session_id": "s", "questions": asked, "answers": []})]
    fake.faults["submit"] = [Reply(200, {"status": "SUBMITTED", "score": 1})]
    shown = [{"question_id": "q0", "choice": "A", "correct_choice": "B"}]
    fake.faults["review"] = [Reply(200, {"score": 1, "questions": shown})]
    too_few, difference = sit().fate.shown_wrongly
    assert re.fullmatch(r"create: an exam that was just opened has 1 questions, and \d were asked for", too_few)
    assert difference == "review: the score is 1, and by the right choices that it tells 0 answers are right"


def test_a_review_that_differs_is_noted_with_question_expected_and_shown(fake: Fake, sit: Sit) -> None:
    fake.faults["review"] = [Reply(200, {"score": 1, "questions": []})]
    sat = sit()
    noted = [f"review, question {key}: expected {value}, shown nothing" for key, value in sorted(fake.answers.items())]
    assert sat.fate.shown_wrongly == (*noted, "review: expected the score 2.5 of the submission, shown 1")


def test_another_value_saved_than_given_is_told(fake: Fake, sit: Sit) -> None:
    fake.faults["answer"] = [Reply(200, {"choice": "Z"})]
    assert "and the platform said that it saved Z" in sit().fate.story


def test_a_token_is_refreshed_before_its_end(fake: Fake, sit: Sit) -> None:
    fake.lifetime = 0.25
    sit(seconds=1)
    assert len(fake.calls("login")) == 1
    refreshed = fake.calls("refresh")
    assert refreshed
    assert refreshed[0].body == {"refresh_token": "refresh-1"}
    assert all(call.token for call in fake.calls("answer"))


def test_where_a_refresh_is_refused_the_candidate_logs_in_again(fake: Fake, sit: Sit) -> None:
    fake.lifetime = 0.25
    fake.faults["refresh"] = [Reply(401)] * 50
    sat = sit(seconds=1)
    assert len(fake.calls("login")) > 1
    assert sat.fate.finished


def test_a_refused_token_is_renewed_and_the_request_sent_again(fake: Fake, sit: Sit) -> None:
    fake.faults["answer"] = [Reply(401)]
    sat = sit(seconds=1)
    assert len(fake.calls("refresh")) == 1
    assert sat.outcomes("answer")[:2] == ["expired", "ok"]
    assert sat.write("answer").state == "acknowledged"
    assert sat.fate.finished


def test_a_token_that_is_refused_when_it_is_new_is_a_definitive_no(fake: Fake, sit: Sit) -> None:
    fake.faults["answer"] = [Reply(401)] * 2
    sat = sit(seconds=1)
    assert sat.outcomes("answer") == ["expired", "client_error"]
    assert sat.write("answer").state == "refused"
    assert sat.fate.story == "answer was refused with HTTP 401"


def test_a_prepared_token_spares_the_login(fake: Fake, sit: Sit) -> None:
    sat = sit(PlannedAccount(email="ada@exam.example", access_token="prepared-token"))
    assert fake.calls("login") == []
    assert {call.token for call in fake.seen} == {"prepared-token"}
    assert sat.fate.finished


def test_an_exam_with_a_prepared_jwt_that_has_ended_measures_nothing(fake: Fake, sit: Sit) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() - 5}).encode()).decode().rstrip("=")
    with pytest.raises(Unmeasurable, match="k6 sent no request"):
        sit(PlannedAccount(email="ada@exam.example", access_token=f"x.{claims}.y"))
    assert fake.seen == []


def test_a_write_tells_owner_session_key_and_score_as_the_built_in_candidates_do(sit: Sit) -> None:
    sat = sit()
    create, answer, submit = (sat.write(kind) for kind in ("create", "answer", "submit"))
    assert {write.owner for write in sat.writes} == {"u1"}
    assert create.subject == answer.subject == submit.subject == "s"
    assert (answer.sequence, answer.value in ("A", "B")) == (1, True)
    assert submit.result == "2.5"
    assert sat.fate.finished_at is not None
    assert answer.sent_at <= (answer.answered_at or 0)


def test_a_refusal_keeps_the_platforms_own_words_without_secrets(fake: Fake, sit: Sit) -> None:
    fake.faults["submit"] = [
        Reply(503, {"detail": "pool timeout"}),
        Reply(409, {"error": {"message": "time is\nover"}}),
    ]
    sat = sit()
    assert sat.fate.story == 'submit was refused with HTTP 409 "time is over"'
    assert sat.fate.failures == {"submit": 'HTTP 503 "pool timeout"'}
    assert not sat.fate.password_doubted


def test_a_login_that_is_refused_for_good_makes_the_password_doubtful(fake: Fake, sit: Sit) -> None:
    fake.faults["login"] = [Reply(401, {"detail": "wrong password"})]
    sat = sit()
    assert (sat.fate.password_doubted, sat.fate.story) == (True, 'login was refused with HTTP 401 "wrong password"')
