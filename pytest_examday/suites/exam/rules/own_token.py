"""Nobody reaches an exam without a good token, and nobody gets a token without the password."""

import base64
from collections.abc import Callable

from pydantic import SecretStr

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs
from pytest_examday.suites.exam.rules.trials.exam_state import judge_unchanged, read_state
from pytest_examday.suites.exam.rules.trials.judge_replies import judge_refusals, shows_something
from pytest_examday.suites.exam.rules.trials.send_calls import give_answer
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_LOGINS = 4
"""The number of logins with a wrong password. A platform may limit logins, so there are few."""
_WRONG_PASSWORD = "not the password"  # noqa: S105 # it has to be wrong
_UNSIGNED = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
_SIGNATURE_CHARACTERS = 8
"""The character so far from the end is changed: the last one of a signature may hold only unused bits."""


def _no_token(setup: TrialSetup) -> TrialResult:
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        return _shut_out(setup, candidate, "without a token", None)


def _forged_token(setup: TrialSetup) -> TrialResult:
    """Try a token with a changed signature; if it is a JWT, also the same claims without a signature (RFC 7519, section
    6)."""
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        good = candidate.login.access_token
        shown = _shut_out(setup, candidate, "with a changed token", changed(good))
        if good.count(".") != 2:
            return shown
        unsigned = f"{_UNSIGNED}.{good.split('.')[1]}."
        return worst_trial_result(shown, _shut_out(setup, candidate, "with an unsigned token", unsigned))


def changed(token: str) -> str:
    """The token with one character changed."""
    at = max(len(token) - _SIGNATURE_CHARACTERS, 0)
    return f"{token[:at]}{'A' if token[at : at + 1] != 'A' else 'B'}{token[at + 1 :]}"


def _shut_out(setup: TrialSetup, candidate: ProbeCandidate, how: str, token: str | None) -> TrialResult:
    """Whether reading, answering and submitting the candidate's exam with this token are refused and change nothing."""
    api, before = setup.target.api, read_state(candidate)
    if token is not None:  # all else is right, so that nothing but the token can be refused
        api.reuse_values(token, candidate.login.access_token)
    candidate.wait_until_submittable()  # so that nothing but the token is a reason to refuse
    question = candidate.questions[0]
    session = {"session_id": candidate.session_id}
    answer = {
        **candidate.answer_values(question["id"], question["choices"][1]),
        "sequence": candidate.sequence + 1,
    }
    calls: tuple[tuple[str, Callable[[], Reply], Callable[[Reply], bool] | None], ...] = (
        ("reading an exam", lambda: api.call("read", session, token), shows_something),
        ("answering in an exam", lambda: api.call("answer", answer, token), None),
        ("submitting an exam", lambda: api.call("submit", session, token), None),
    )
    shown = [judge_refusals(setup.on_every_worker(call), f"{what} {how}", accepts) for what, call, accepts in calls]
    return worst_trial_result(*shown, judge_unchanged(candidate, before, f"requests {how}"))


def _wrong_password(setup: TrialSetup) -> TrialResult:
    account = setup.account_with_password()
    wrong = account.model_copy(update={"password": SecretStr(_WRONG_PASSWORD)})
    tries = setup.at_once([lambda: setup.target.api.request_login(wrong)] * min(_LOGINS, setup.tries))
    return judge_refusals(tries, "a login with a wrong password", lambda reply: reply.find("access_token") is not None)


RULES = (
    Rule("exam-needs-a-token", "Nobody reaches an exam without a token", EXAM_RULES, _no_token),
    Rule("exam-needs-a-genuine-token", "Nobody reaches an exam with a forged token", EXAM_RULES, _forged_token),
    Rule(
        "login-needs-the-password", "Nobody logs in with a wrong password", EXAM_RULES, _wrong_password, needs("login")
    ),
)
