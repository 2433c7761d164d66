"""Nobody reaches an exam without a good token, and nobody gets a token without the password."""

import base64
from collections.abc import Callable
from functools import partial

from pydantic import SecretStr

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs
from pytest_examday.suites.exam.rules.trials.exam_state import judge_unchanged, read_state
from pytest_examday.suites.exam.rules.trials.judge_replies import gives_token, judge_refusals, shows_something
from pytest_examday.suites.exam.rules.trials.requests_with_token import requests_with_token
from pytest_examday.suites.exam.rules.trials.send_calls import WRONG_PASSWORD, Call, give_answer, submit_exam
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_UNSIGNED = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
_SIGNATURE_CHARACTERS = 8
"""The character so far from the end is changed: the last one of a signature may hold only unused bits."""


def _no_token(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        shown = _shut_out(setup, candidate, "without a token", None)
        return worst_trial_result(shown, _no_review(setup, candidate, "without a token", None))


def _forged_token(setup: TrialSetup) -> TrialResult:
    """Try a token with a changed signature; if it is a JWT, also the same claims without a signature (RFC 7519, section
    6)."""
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        good = candidate.login.access_token
        shown = _shut_out(setup, candidate, "with a changed token", changed(good))
        if good.count(".") == 2:
            unsigned = f"{_UNSIGNED}.{good.split('.')[1]}."
            shown = worst_trial_result(shown, _shut_out(setup, candidate, "with an unsigned token", unsigned))
        return worst_trial_result(shown, _no_review(setup, candidate, "with a changed token", changed(good)))


def changed(token: str) -> str:
    """The token with one character changed."""
    at = max(len(token) - _SIGNATURE_CHARACTERS, 0)
    return f"{token[:at]}{'A' if token[at : at + 1] != 'A' else 'B'}{token[at + 1 :]}"


def _shut_out(setup: TrialSetup, candidate: ProbeCandidate, how: str, token: str | None) -> TrialResult:
    """Whether reading, answering and submitting the candidate's exam with this token are refused and change nothing."""
    api, before = setup.target.api, read_state(candidate)
    if token is not None:  # all else is right, so that nothing but the token can be refused
        api.reuse_values(token, candidate.login.access_token)
    read, answer, submit = requests_with_token(candidate, token)
    calls: tuple[tuple[str, Call, Callable[[Reply], bool] | None], ...] = (
        ("reading an exam", read, shows_something),
        ("answering in an exam", answer, None),
        ("submitting an exam", submit, None),
    )
    shown = [judge_refusals(setup.on_every_worker(call), f"{what} {how}", accepts) for what, call, accepts in calls]
    return worst_trial_result(*shown, judge_unchanged(candidate, before, f"requests {how}"))


def _no_review(setup: TrialSetup, candidate: ProbeCandidate, how: str, token: str | None) -> TrialResult:
    """Whether the review of the exam, which is submitted first, is refused with this token."""
    if setup.target.environment.platform.contract.review is None:
        return TrialResult(True, "the platform has no review")
    submit_exam(candidate)
    if token is not None:
        setup.target.api.reuse_values(token, candidate.login.access_token)
    session = {"session_id": candidate.session_id}
    tries = setup.on_every_worker(lambda: setup.target.api.call("review", session, token))
    return judge_refusals(tries, f"reading a review {how}", shows_something)


def _wrong_password(setup: TrialSetup) -> TrialResult:
    """Try a password that is quite another, none at all, and two that differ from the right one at their end. A
    platform may limit logins, so each is tried once."""
    account = setup.account_with_password()
    right = account.password.get_secret_value() if account.password is not None else ""
    wrong = {
        "a wrong password": WRONG_PASSWORD,
        "an empty password": "",
        "the password and one more character": f"{right}x",
        "the password without its last character": right[:-1],
    }
    accounts = [account.model_copy(update={"password": SecretStr(password)}) for password in wrong.values()]
    tries = setup.at_once([partial(setup.target.api.request_login, one) for one in accounts])
    shown = [
        judge_refusals([reply], f"a login with {what}", gives_token) for what, reply in zip(wrong, tries, strict=True)
    ]
    bad = worst_trial_result(*shown)
    return bad if not bad.held else TrialResult(True, f"logins with {', '.join(wrong)} were refused")


RULES = (
    Rule("exam-needs-a-token", "Nobody reaches an exam or its review without a token", EXAM_RULES, _no_token),
    Rule(
        "exam-needs-a-genuine-token",
        "Nobody reaches an exam or its review with a forged token",
        EXAM_RULES,
        _forged_token,
    ),
    Rule(
        "login-needs-the-password", "Nobody logs in with a wrong password", EXAM_RULES, _wrong_password, needs("login")
    ),
)
