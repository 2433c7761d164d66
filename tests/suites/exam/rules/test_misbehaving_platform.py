"""Every way in which a platform breaks a rule of the exam is found by the rule that it breaks, and breaks none of the
related rules."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from pytest_examday.config.accounts import Account
from pytest_examday.config.environment import Environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.activities import experience
from pytest_examday.suites.exam.evidence import Trial
from pytest_examday.suites.exam.rules import (
    administrators,
    after_some_seconds,
    closed_exam,
    ended_tokens,
    hints_at_right_choices,
    impossible_choices,
    kept_secret,
    long_login,
    not_shared,
    one_exam,
    others_exams,
    own_token,
    receipt,
    words_of_questions,
)
from pytest_examday.suites.exam.rules.all_rules import RULES
from pytest_examday.suites.exam.rules.rule import Rule
from pytest_examday.suites.exam.rules.run_trials import run_all_trials, run_trials
from pytest_examday.suites.exam.rules.trials import send_calls
from pytest_examday.suites.exam.rules.trials.trial_result import BrokenRule, TrialResult
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.target import Target
from tests.defects.harness import MISBEHAVIOURS as FILE
from tests.defects.harness import Defect, platform_with

from .sat_in_a_load import sit_in_a_load

CLOCK, LENGTH = "timer-behaves-correctly", "exams-last-equally-long"
DEADLINE, IN_TIME = "exam-takes-no-answer-after-its-end", "answers-in-time-count-after-the-end"
HINTS, WORDS = "open-exam-hints-at-no-right-choice", "questions-and-choices-have-words"
BLANK = "exam-without-answers-can-be-submitted"
QUICK = tuple(one.key for one in RULES if one.key not in (CLOCK, LENGTH, DEADLINE, IN_TIME))
"""The rules whose trials wait for nothing."""
_GROUPS = (
    (*one_exam.RULES, *closed_exam.RULES, *after_some_seconds.RULES),
    (*others_exams.RULES, *own_token.RULES, *ended_tokens.RULES, *long_login.RULES),
    (*kept_secret.RULES, *hints_at_right_choices.RULES, *words_of_questions.RULES, *not_shared.RULES),
    (*one_exam.RULES, *impossible_choices.RULES),
    (*receipt.RULES, *administrators.RULES),
)
_EARLIER_SECONDS = 7200
"""So old is the exam of a load in the run that is tried here."""
_TRIES, _TRIES_FOR_ONE_WORKER = 2, 18
"""The chance that one of two workers meets none of 18 tries is 1 in 262144."""

Try = Callable[..., dict[str, Trial]]


class Misbehaves(NamedTuple):
    """A misbehaviour, the rules that it breaks, separated by blanks, and a part of what is told of it."""

    how: str
    broken: str
    told: str


MISBEHAVIOURS = (
    Misbehaves("closed-takes-answers", "submitted-exam-takes-no-answer", "accepted in 4 of 4 tries: HTTP 200"),
    Misbehaves("closed-takes-blank-answers", "submitted-exam-takes-no-answer", "after the submit was accepted in"),
    Misbehaves("closed-says-200", "submitted-exam-takes-no-answer", "accepted in 4 of 4 tries: HTTP 200"),
    Misbehaves("closed-409-and-stores", "submitted-exam-takes-no-answer", "changed the exam: the answers in a reload"),
    Misbehaves("closed-takes-answers@worker-2", "submitted-exam-takes-no-answer", "an answer after the submit"),
    Misbehaves("third-submit-scores-again", "further-submits-change-no-result", "gave different results"),
    Misbehaves("second-submit-changes-silently", "further-submits-change-no-result", "changed the exam: the score in"),
    Misbehaves(
        "second-submit-scores-nothing", "further-submits-change-no-result", "gave different results: score 0.0,"
    ),
    Misbehaves("second-submit-takes-a-point", "further-submits-change-no-result", "gave different results: score "),
    Misbehaves(
        "double-submit-scores-twice",
        "double-submit-has-one-result double-submit-without-a-key-has-one-result",
        "two submits at the same moment gave different results: score",
    ),
    Misbehaves("others-read", "others-cannot-read-an-exam", "accepted in 2 of 2 tries"),
    Misbehaves("others-read@worker-2", "others-cannot-read-an-exam", "reading the exam of another candidate"),
    Misbehaves(
        "others-read-what-was-read",
        "others-cannot-read-an-exam",
        "reading the exam of another candidate, who has read it, was accepted in 2 of 2 tries",
    ),
    Misbehaves(
        "others-review-what-was-read",
        "others-cannot-read-a-result",
        "reading the result of another candidate, who has read it, was accepted in 2 of 2 tries",
    ),
    Misbehaves("others-answer", "others-cannot-answer-an-exam", "accepted in 2 of 2 tries"),
    Misbehaves("others-answer-and-403", "others-cannot-answer-an-exam", "changed the exam: the answers in a reload"),
    Misbehaves("others-submit", "others-cannot-submit-an-exam", "accepted in 2 of 2 tries"),
    Misbehaves("others-submit-and-403", "others-cannot-submit-an-exam", 'HTTP 409: {"detail":"session is submitted'),
    Misbehaves("others-review", "others-cannot-read-a-result", "accepted in 2 of 2 tries"),
    Misbehaves("refresh-token-works-again", "used-refresh-token-is-refused", "used already was accepted"),
    Misbehaves("refresh-token-works-again@worker-1", "used-refresh-token-is-refused", "used already was accepted"),
    Misbehaves(
        "refresh-token-works-again-later",
        "used-refresh-token-is-refused",
        "a refresh token that was used two refreshes before was accepted in",
    ),
    Misbehaves("access-token-survives-logout", "logout-ends-the-tokens", "the access token of a candidate who has"),
    Misbehaves("refresh-token-survives-logout", "logout-ends-the-tokens", "the refresh token of a candidate who has"),
    Misbehaves("key-works-twice", "one-key-opens-one-exam", "starts with one key opened"),
    Misbehaves("key-forgotten", "key-opens-one-exam-later-too", "opened 3 exams"),
    Misbehaves(
        "key-forgotten-after-3600-s",
        "key-opens-one-exam-later-too",
        "s before opened 3 exams: ",
    ),
    Misbehaves(
        "review-vanishes-after-3600-s",
        "review-stays",
        's after a submit of the load: the review is not shown: HTTP 404: {"detail":"no such result"}',
    ),
    Misbehaves("review-changes-after-3600-s", "review-stays", "s after a submit of the load: the review shows {"),
    Misbehaves("review-vanishes", "review-stays", 'the review is not shown: HTTP 404: {"detail":"no such result"}'),
    Misbehaves("key-raced", "double-click-opens-one-exam", "two clicks on start at the same moment opened 2 exams"),
    Misbehaves("key-ignored", "one-key-opens-one-exam double-click-opens-one-exam", "exams: "),
    Misbehaves("choices-reshuffled", "reload-shows-the-same-questions", "other words for the questions or choices"),
    Misbehaves("choice-missing", "reload-shows-the-same-questions", "other questions or choices: question 1 is"),
    Misbehaves("questions-reordered", "reload-shows-the-same-questions", "other questions or choices: question 1 is"),
    Misbehaves("question-swapped", "reload-shows-the-same-questions", "other questions or choices: question 1 is"),
    Misbehaves("question-missing", "reload-shows-the-same-questions", "4 questions, at the start 5 questions"),
    Misbehaves("choices-reshuffled@worker-2", "reload-shows-the-same-questions", "other words"),
    Misbehaves("stale-reload@worker-2", "reload-shows-every-answer", "acknowledged was"),
    Misbehaves("answer-not-shown", "reload-shows-every-answer", "acknowledged was"),
    Misbehaves("reload-fails-with-200", "reload-shows-every-answer", 'no exam: HTTP 200: {"detail":"internal error"}'),
    Misbehaves("review-shows-another-choice", "review-shows-the-answers-that-were-given", "the review shows {"),
    Misbehaves("review-lacks-answers", "review-shows-the-answers-that-were-given", "the review shows {}, acknowledged"),
    Misbehaves("submitted-shown-as-open", "reload-shows-the-submit", "the status 'ACTIVE' of an open exam"),
    Misbehaves("no-token-needed", "exam-needs-a-token", "reading an exam without a token was accepted in 2 of 2 tries"),
    Misbehaves("signature-ignored", "exam-needs-a-genuine-token", "reading an exam with a changed token was accepted"),
    Misbehaves("unsigned-taken", "exam-needs-a-genuine-token", "reading an exam with an unsigned token was accepted"),
    Misbehaves("any-password-works", "login-needs-the-password", "a login with a wrong password was accepted"),
    Misbehaves(
        "key-of-others-opens",
        "key-of-another-candidate-opens-no-exam-of-theirs",
        "a start with the key of another candidate opened their exam",
    ),
    Misbehaves("lost-beside-another", "answers-at-once-are-both-kept", "after two answers at the same moment a reload"),
    Misbehaves(
        "older-answer-taken", "older-answer-does-not-replace-a-newer-one", "after an older answer came late a reload"
    ),
    Misbehaves("blank-not-stored", "answer-can-be-taken-back", "after an answer was taken back a reload shows {"),
    Misbehaves(
        "lost-beside-submit",
        "answer-beside-the-submit-counts-or-is-refused",
        "after an answer beside the submit the review shows {",
    ),
    Misbehaves("right-choices-told", "open-exam-tells-no-right-choices", "shows the right choices in solution"),
    Misbehaves("right-choices-marked", "open-exam-tells-no-right-choices", "shows the right choices in choices.right"),
    Misbehaves(
        "answer-tells-right",
        "open-exam-tells-no-right-choices",
        "the reply to an answer shows the right choices in correct_choice",
    ),
    Misbehaves(
        "right-choices-in-a-header",
        "open-exam-tells-no-right-choices",
        "the page of an open exam shows the right choices in the header x-trace",
    ),
    Misbehaves(
        "right-choices-in-a-coded-header",
        "open-exam-tells-no-right-choices",
        "the page of an open exam shows the right choices in the header x-cache-key",
    ),
    Misbehaves("right-choices-in-a-table", "open-exam-tells-no-right-choices", "shows the right choices in index"),
    Misbehaves(
        "answer-tells-right-in-a-header",
        "open-exam-tells-no-right-choices",
        "the reply to an answer shows the right choices in the header set-cookie",
    ),
    Misbehaves(
        "score-so-far-in-a-header", "open-exam-tells-no-right-choices", "shows the right choices in the header x-rank"
    ),
    Misbehaves(
        "no-such-choice-says-200",
        "choice-that-does-not-exist-is-refused",
        "the choice 'Z', which the question does not have, was acknowledged (HTTP 200), and a reload shows",
    ),
    Misbehaves(
        "no-such-choice-is-blank",
        "choice-that-does-not-exist-is-refused",
        "was acknowledged (HTTP 200), and a reload shows nothing",
    ),
    Misbehaves("right-choices-in-a-row", "open-exam-tells-no-right-choices", "shows the right choices in checksum"),
    Misbehaves(
        "score-so-far-told",
        "open-exam-tells-no-right-choices",
        "the page of an open exam, as the answer changes, shows the right choices in so_far",
    ),
    Misbehaves(
        "review-of-an-open-exam",
        "open-exam-tells-no-right-choices",
        "the review of an open exam shows the right choices in correct_choice",
    ),
    Misbehaves(
        "longer-password-works",
        "login-needs-the-password",
        "a login with the password and one more character was accepted",
    ),
    Misbehaves(
        "review-needs-no-token", "exam-needs-a-token", "reading a review without a token was accepted in 2 of 2 tries"
    ),
    Misbehaves(
        "logout-ends-reading-alone",
        "logout-ends-the-tokens",
        "answering with the access token of a candidate who has logged out was accepted in 2 of 2 tries",
    ),
    Misbehaves(
        "logout-of-all", "logout-ends-the-tokens", "a logout has ended the tokens of another candidate too: HTTP 401"
    ),
    Misbehaves(
        "submitter-is-administrator",
        "administrators-alone-do-their-work",
        "with the token of a candidate who has submitted was accepted in 1 of 1 tries: HTTP 200",
    ),
    Misbehaves("receipt-of-2019", "receipt-is-true", "the receipt tells 2019-"),
    Misbehaves("receipt-two-hours-off", "receipt-is-true", " UTC, and the exam was submitted at "),
    Misbehaves(
        "receipt-tells-a-higher-maximum",
        "receipt-is-true",
        "the receipt tells a maximum score of 45, and the exam has 5 questions",
    ),
    Misbehaves(
        "review-tells-a-higher-maximum",
        "receipt-is-true",
        "the review tells a maximum score of 15, and the exam has 5 questions",
    ),
    Misbehaves("review-marks-upside-down", "review-marks-the-right-answers", "the review marks question "),
    Misbehaves("marks-forgotten", "reload-shows-what-was-marked", " was marked and "),
    Misbehaves(
        "everybody-is-administrator",
        "administrators-alone-do-their-work",
        "bulk question import, dry run with the token of a candidate was accepted in 1 of 1 tries: HTTP 200",
    ),
    Misbehaves(
        "administrators-need-no-token",
        "administrators-alone-do-their-work",
        "bulk question import, dry run without a token was accepted in 1 of 1 tries: HTTP 200",
    ),
    Misbehaves("right-choice-first", HINTS, "the right choice is number 1 of the choices in each of "),
    Misbehaves("right-choice-as-md5", HINTS, "the page of an open exam shows digests of the right choices in etag"),
    Misbehaves("refusal-tells-right", HINTS, "a refusal in an open exam shows the right choices in correct"),
    Misbehaves(
        "pages-are-public",
        "pages-of-an-exam-are-kept-by-no-shared-cache",
        "the page of an open exam may be kept by a shared cache: cache-control: public, max-age=3600",
    ),
    Misbehaves("stem-empty", WORDS, "question 1 or one of its choices has no text: {"),
    Misbehaves("choice-text-empty", WORDS, "(5 of 5 questions)"),
    Misbehaves(
        "same-number-acknowledged",
        "answers-of-two-tabs-are-kept-or-refused",
        "another choice with the sequence number of the stored answer was acknowledged (HTTP 200",
    ),
    Misbehaves(
        "second-exam-overwrites-the-first",
        "second-exam-leaves-the-first-one-alone",
        "a second exam of the same candidate changed the exam: the answers in a reload was {",
    ),
    Misbehaves(
        "few-refreshes",
        "login-can-be-refreshed-throughout-an-exam",
        'refresh 5 of one login gave no token: HTTP 401: {"detail":"log in again"}',
    ),
    Misbehaves("review-shows-another-score", "review-shows-the-answers-that-were-given", "the review shows the score"),
)
CLOCKS = (
    Misbehaves("end-three-hours-off", CLOCK, "s by the platform's clock, and 3600 s are shown"),
    Misbehaves("no-time-left", CLOCK, "an exam that was just opened has 0 s left"),
    Misbehaves("clock-stands", CLOCK, "by 0.00 s in"),
    Misbehaves("clock-at-half-speed", CLOCK, "the time left fell from"),
    Misbehaves("another-end@worker-2", CLOCK, "reloads show different ends of one exam"),
    Misbehaves(
        "start-tells-three-hours-more", CLOCK, "the start showed 14400 s left, and a reload just after it 3600 s"
    ),
    Misbehaves("answers-cost-time", CLOCK, "s by 3"),
    Misbehaves("half-as-long@worker-2", LENGTH, "exams opened one after the other last between 1"),
    Misbehaves("more-time-left@worker-2", CLOCK, "the time left fell from"),
)
DEADLINES = (
    Misbehaves("late-answers-taken", DEADLINE, "accepted in 4 of 4 tries"),
    Misbehaves("answers-gone-after-the-end", IN_TIME, "a reload after the end shows {}, acknowledged was {"),
    Misbehaves("last-third-lost", IN_TIME, "a reload after the end shows {"),
    Misbehaves("nothing-scored-after-the-end", IN_TIME, "the review shows the score -1, and by its right choices"),
    Misbehaves("late-409-and-stores", DEADLINE, "changed the exam: the answers in a reload"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the platform's misbehaviours are written."""
    return tmp_path_factory.mktemp("misbehaving")


@pytest.fixture(scope="module")
def setup(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialSetup]:
    """Tries a platform with two workers."""
    with platform_with(folder, Defect(variants=("misbehaving",))) as state:
        run = tmp_path_factory.mktemp("run")
        (run / "logs").mkdir()
        given = {"name": "staging", "runtime": {"kind": "embedded", "state": state}, "allow": ["read", "write"]}
        target = Target(Environment.model_validate(given), RunFiles(run, Redactor()), 1)
        sit_in_a_load(target, json.loads(state.read_text())["admin_database_url"], _EARLIER_SECONDS)
        yield TrialSetup(target)


@pytest.fixture
def trying(folder: Path, setup: TrialSetup, monkeypatch: pytest.MonkeyPatch) -> Try:
    """Tries these rules on the platform that misbehaves so; gives the trials by rule."""

    monkeypatch.setattr(ended_tokens, "_USUAL_LEEWAY_SECONDS", 0.2)

    def make(keys: tuple[str, ...], *misbehaviours: str) -> dict[str, Trial]:
        (folder / FILE).write_text("\n".join(("logins-unlimited", *misbehaviours)))
        setup.pairs = 2
        setup.tries = _TRIES_FOR_ONE_WORKER if any("@" in one for one in misbehaviours) else _TRIES
        chosen = [one for one in RULES if one.key in keys]
        return {trial.rule: trial for trial in run_trials(setup, chosen)}

    return make


def test_all_rules_hold_on_the_embedded_platform(trying: Try) -> None:
    trials = trying(tuple(one.key for one in RULES))
    assert {key: trial.detail for key, trial in trials.items() if trial.held is not True} == {}


def test_how_long_ago_the_load_was_is_told(trying: Try) -> None:
    trials = trying(("key-opens-one-exam-later-too", "review-stays"))
    key, review = (trials[name].detail for name in ("key-opens-one-exam-later-too", "review-stays"))
    assert re.search(
        r"opened \d+ s before opened one exam \(2 requests\); "
        r"starts with the key of an exam that the load opened 72\d\d s before opened one exam \(2 requests\)",
        key,
    )
    assert re.search(
        r"^\d+ s after the submit: the review shows all 2 answers; "
        r"72\d\d s after a submit of the load: the review shows all 2 answers",
        review,
    )


def test_without_a_load_what_was_tried_some_seconds_later_stands_alone_and_says_so(
    trying: Try, setup: TrialSetup, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(setup, "target", replace(setup.target, files=RunFiles(tmp_path, Redactor())))
    trials = trying(("key-opens-one-exam-later-too", "review-stays"))
    assert {trial.held for trial in trials.values()} == {True}
    assert all("; not tried with an exam of the load: this run has no" in one.detail for one in trials.values())


def test_a_platform_that_refuses_every_further_submit_keeps_the_rules(trying: Try) -> None:
    about = {one.key for group in (one_exam, closed_exam, kept_secret) for one in group.RULES}
    trials = trying(tuple(about.intersection(QUICK)), "further-submit-409")
    assert {key: trial.detail for key, trial in trials.items() if trial.held is not True} == {}


def _asserts(trials: dict[str, Trial], misbehaves: Misbehaves) -> None:
    broken = {key: trial.detail for key, trial in trials.items() if trial.held is False}
    assert set(broken) == set(misbehaves.broken.split()), broken
    assert all(misbehaves.told in detail for detail in broken.values()), broken


@pytest.mark.parametrize("misbehaves", MISBEHAVIOURS, ids=lambda one: one.how)
def test_a_misbehaviour_breaks_its_own_rules_and_none_of_the_related_ones(trying: Try, misbehaves: Misbehaves) -> None:
    """Of a misbehaviour of one worker (`@worker-2`) its own rules alone are tried."""
    broken = misbehaves.broken.split()
    keys = broken if "@" in misbehaves.how else _related(broken)
    _asserts(trying(tuple(keys), misbehaves.how), misbehaves)


def _related(keys: list[str]) -> list[str]:
    """The quick rules that such a misbehaviour could break besides its own."""
    about = [group for group in _GROUPS if any(one.key in keys for one in group)]
    return [one.key for group in about for one in group if one.key in QUICK]


@pytest.mark.parametrize("misbehaves", CLOCKS, ids=lambda one: one.how)
def test_a_clock_that_is_wrong_is_found(trying: Try, misbehaves: Misbehaves) -> None:
    _asserts(trying((misbehaves.broken,), misbehaves.how), misbehaves)


@pytest.mark.parametrize("misbehaves", DEADLINES, ids=lambda one: one.how)
def test_what_goes_wrong_after_the_end_is_found(trying: Try, misbehaves: Misbehaves) -> None:
    _asserts(trying((misbehaves.broken,), misbehaves.how), misbehaves)


def _with_leeway(setup: TrialSetup, seconds: float) -> Target:
    environment = setup.target.environment
    contract = environment.platform.contract.model_copy(update={"refresh_leeway_seconds": seconds})
    platform = environment.platform.model_copy(update={"contract": contract})
    return replace(setup.target, environment=environment.model_copy(update={"platform": platform}))


@pytest.mark.parametrize(("declared", "held"), [(0.0, None), (2.0, True)])
def test_a_used_refresh_token_that_works_for_some_seconds_more_accuses_nobody(
    trying: Try, setup: TrialSetup, monkeypatch: pytest.MonkeyPatch, declared: float, held: bool | None
) -> None:
    monkeypatch.setattr(ended_tokens, "_USUAL_LEEWAY_SECONDS", 3.0)
    monkeypatch.setattr(setup, "target", _with_leeway(setup, declared))
    trial = trying(("used-refresh-token-is-refused",), "refresh-token-has-leeway")["used-refresh-token-is-refused"]
    assert (trial.held, "contract.refresh_leeway_seconds" in trial.detail) == (held, held is None), trial.detail


def test_a_used_refresh_token_that_works_after_the_leeway_is_found(
    trying: Try, setup: TrialSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "target", _with_leeway(setup, 0.5))
    trial = trying(("used-refresh-token-is-refused",), "refresh-token-works-again")["used-refresh-token-is-refused"]
    assert trial.held is False, trial.detail


def test_a_logout_that_deletes_the_attempt_is_found(trying: Try, setup: TrialSetup) -> None:
    trying((), "logout-deletes-the-attempt")
    made = experience._logout(experience._seated(setup.target))
    assert (made.passed, made.detail) == (False, "logout: HTTP 204; attempt kept: no")


def test_a_refresh_that_extends_the_exam_is_found(trying: Try, setup: TrialSetup) -> None:
    trying((), "refresh-extends-the-exam")
    made = experience._refresh(experience._seated(setup.target))
    assert made.passed is False
    assert re.search(r"answers kept: yes; the reload shows the end of the exam is .* UTC, at the start .*", made.detail)


def test_letters_that_stand_for_other_texts_after_a_new_login_are_found(trying: Try, setup: TrialSetup) -> None:
    trying((), "letters-move-at-login")
    made = experience._logout(experience._seated(setup.target))
    assert made.passed is False
    told = "attempt kept: yes; the reload shows other words for the questions or choices: question 1 is now {"
    assert told in made.detail


def test_answers_are_tried_after_the_grace_that_a_platform_gives(
    trying: Try, setup: TrialSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = setup.target.environment
    contract = environment.platform.contract.model_copy(update={"grace_seconds": 0.7})
    platform = environment.platform.model_copy(update={"contract": contract})
    graceful = environment.model_copy(update={"platform": platform})
    monkeypatch.setattr(setup, "target", replace(setup.target, environment=graceful))
    began = time.monotonic()
    found = trying((DEADLINE,), "late-answers-taken")[DEADLINE]
    assert (found.held, found.detail.startswith("an answer after the end of the exam and 0.7 s of grace")) == (
        False,
        True,
    )
    assert time.monotonic() - began > 2.7


@pytest.mark.parametrize("how", ["no-time-left", "clock-stands"])
def test_a_wrong_clock_accuses_no_deadline(trying: Try, how: str) -> None:
    assert trying((DEADLINE,), how)[DEADLINE].held is not False


def test_an_exam_without_answers_that_cannot_be_submitted_is_found(
    trying: Try, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_calls, "PATIENCE_SECONDS", 0.1)
    _asserts(trying((BLANK,), "blank-submit-fails"), Misbehaves("", BLANK, 'HTTP 500: {"detail":"division by zero"}'))


@pytest.mark.parametrize(("how", "status"), [("closed-500", 500), ("closed-429", 429)])
def test_what_gets_no_clear_answer_is_left_open_and_accuses_nobody(
    trying: Try, monkeypatch: pytest.MonkeyPatch, how: str, status: int
) -> None:
    monkeypatch.setattr(send_calls, "PATIENCE_SECONDS", 0.1)
    trials = trying(QUICK, how)
    not_held = {key: trial for key, trial in trials.items() if trial.held is not True}
    assert list(not_held) == ["submitted-exam-takes-no-answer"]
    left_open = not_held["submitted-exam-takes-no-answer"]
    assert left_open.held is None
    assert f"got no clear reply in 4 of 4 tries: HTTP {status}" in left_open.detail


def test_an_error_of_the_server_refuses_a_choice_that_does_not_exist(trying: Try) -> None:
    trial = trying(("choice-that-does-not-exist-is-refused",), "no-such-choice-500")[
        "choice-that-does-not-exist-is-refused"
    ]
    assert trial.held is True
    assert "was not accepted in 2 tries: HTTP 500" in trial.detail


@pytest.mark.parametrize(
    ("choices", "absent"),
    [(["A", "B"], "Z"), ([3, 7, 5], 8), (["3", "12"], "13"), (["Yes", "No"], "ZZZ"), (["Z", "Y"], "X")],
)
def test_a_choice_that_does_not_exist_looks_like_those_that_do(choices: list[object], absent: object) -> None:
    assert impossible_choices.absent_choice(choices) == absent


def test_a_trial_that_crashes_is_left_open_and_ends_no_other(setup: TrialSetup) -> None:
    def crash(setup: TrialSetup) -> TrialResult:
        raise KeyError("no such choice")

    broken = Rule("broken", "Nothing", "exam-rules", crash)
    assert [(one.held, one.detail) for one in run_trials(setup, [broken, broken])] == [
        (None, "the trial crashed: KeyError: 'no such choice'")
    ] * 2


@pytest.mark.parametrize("own", [True, None, False])
def test_what_a_trial_meets_on_its_way_is_reported_by_the_rule_that_forbids_it(
    setup: TrialSetup, own: bool | None
) -> None:
    def meets(setup: TrialSetup) -> TrialResult:
        raise BrokenRule("forbids", "an answer was accepted: HTTP 200")

    first = Rule("forbids", "Nothing", "exam-rules", lambda setup: TrialResult(own, "its own trial"))
    trials = list(run_trials(setup, [first, Rule("meets", "Nothing", "exam-rules", meets)]))
    told = "its own trial" if own is False else "an answer was accepted: HTTP 200"
    assert [(one.held, one.detail) for one in trials] == [
        (False, told),
        (None, "the platform breaks `forbids`: an answer was accepted: HTTP 200"),
    ]


def test_a_rule_that_is_met_broken_is_red_in_the_trial_of_another_one_too(
    trying: Try, setup: TrialSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trial of the rule itself may look elsewhere."""
    monkeypatch.setattr(closed_exam, "judge_refusals", lambda tries, what: TrialResult(True, "not looked at"))
    monkeypatch.setattr(closed_exam, "judge_unchanged", lambda *told: TrialResult(True, "not looked at"))
    trials = trying(
        ("submitted-exam-takes-no-answer", "answer-beside-the-submit-counts-or-is-refused"),
        "closed-takes-blank-answers",
    )
    assert {key: one.held for key, one in trials.items()} == {
        "submitted-exam-takes-no-answer": False,
        "answer-beside-the-submit-counts-or-is-refused": None,
    }
    assert all("an answer after the submit was accepted: HTTP 200" in one.detail for one in trials.values())


def test_with_too_few_candidates_every_rule_is_inconclusive_with_that_reason(
    setup: TrialSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_few(number: int) -> tuple[Account, ...]:
        raise Unmeasurable(f"{number} more candidates are needed")

    monkeypatch.setattr(setup.target.accounts, "take", too_few)
    trials = run_all_trials(setup.target)
    assert {one.rule for one in trials} == {one.key for one in RULES}
    assert {one.held for one in trials} == {None}
    assert all("more candidates are needed" in one.detail for one in trials)


def test_every_rule_is_broken_here() -> None:
    broken = {key for one in (*MISBEHAVIOURS, *CLOCKS, *DEADLINES) for key in one.broken.split()}
    lacking = {one.key for one in RULES} - broken - {BLANK}
    assert not lacking, f"add a row to a table of misbehaviours in {__file__} for each of {lacking}"
