"""A login lasts as long as an exam of several hours needs it."""

from pytest_examday.suites.exam.candidates.probe_candidate import reply_in_words
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.ended_tokens import no_refresh
from pytest_examday.suites.exam.rules.rule import Rule
from pytest_examday.suites.exam.rules.trials.judge_replies import gives_token
from pytest_examday.suites.exam.rules.trials.send_calls import send_until_clear
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup

_REFRESHES = 12
"""An exam of three hours needs as many with access tokens of a quarter of an hour."""


def _refreshed_again_and_again(setup: TrialSetup) -> TrialResult:
    """Refresh the tokens of one login again and again, without a pause. A refusal because of too many requests says
    nothing of the login."""
    candidate = setup.candidate_for_tokens()
    if candidate.login.refresh_token is None:
        return TrialResult(None, "the login gives no refresh token")
    for number in range(1, _REFRESHES + 1):
        reply = send_until_clear(candidate.refresh)
        if not gives_token(reply):
            held = False if number > 1 and reply.refused else None
            return TrialResult(held, f"refresh {number} of one login gave no token: {reply_in_words(reply)}")
    return TrialResult(True, f"one login was refreshed {_REFRESHES} times")


RULES = (
    Rule(
        "login-can-be-refreshed-throughout-an-exam",
        f"One login can be refreshed {_REFRESHES} times",
        EXAM_RULES,
        _refreshed_again_and_again,
        no_refresh,
    ),
)
