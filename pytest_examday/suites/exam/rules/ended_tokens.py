"""A token that was used up, or whose candidate has logged out, is refused."""

import time
from collections.abc import Iterator

from pytest_examday.contract.contract import Contract
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs, needs_found
from pytest_examday.suites.exam.rules.trials.judge_replies import gives_token, judge_refusals, shows_something
from pytest_examday.suites.exam.rules.trials.open_exam import open_exam
from pytest_examday.suites.exam.rules.trials.requests_with_token import requests_with_token
from pytest_examday.suites.exam.rules.trials.send_calls import give_answer, require_accepted, send_until_clear
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

LOGOUT_ENDS_THE_TOKENS = "logout-ends-the-tokens"
"""The key of this rule. Where the platform does not promise it, no drill tries it either."""
_AFTER_SECONDS = 1.0
"""The wait after a leeway, because a platform may count it in whole seconds."""
_USUAL_LEEWAY_SECONDS = 15.0
"""Identity providers accept a used refresh token for some seconds more, for a client that got no reply."""


def _used_refresh_token(setup: TrialSetup) -> TrialResult:
    """Use a refresh token again just after its refresh, and another one after a second refresh: a platform may remember
    only the last token. Each token is of a login of its own, because a platform may end a login whose token is used
    again."""
    once = _used_again(setup, 1, "a refresh token that was used already")
    if not once.held:
        return once
    return worst_trial_result(once, _used_again(setup, 2, "a refresh token that was used two refreshes before"))


def _used_again(setup: TrialSetup, refreshes: int, what: str) -> TrialResult:
    candidate = setup.candidate_for_tokens()
    used = candidate.login.refresh_token
    if used is None:
        return TrialResult(None, "the login gives no refresh token")
    for _ in range(refreshes):
        require_accepted(candidate.refresh, "the token could not be refreshed")
    if candidate.login.refresh_token == used:
        return TrialResult(None, "a refresh gives no new refresh token, so none is ever used up")
    leeway = setup.target.environment.platform.contract.refresh_leeway_seconds
    time.sleep(leeway + _AFTER_SECONDS if leeway else 0.0)
    tries = _send_again(setup, used)
    shown = _judge_again(tries, what)
    if leeway or not all(map(gives_token, tries)):
        return shown
    time.sleep(_USUAL_LEEWAY_SECONDS)
    if _judge_again(_send_again(setup, used), what).held is not True:
        return shown
    message = f"{shown.detail}, and {_USUAL_LEEWAY_SECONDS:g} s later it was refused"
    key = "contract.refresh_leeway_seconds"
    return TrialResult(None, f"{message}; if the platform promises such a leeway, set {key} to its length")


def _send_again(setup: TrialSetup, used: str) -> list[Reply]:
    return setup.on_every_worker(lambda: setup.target.api.call("refresh", {"refresh_token": used}))


def _judge_again(tries: list[Reply], what: str) -> TrialResult:
    return judge_refusals(tries, what, gives_token)


def _after_logout(setup: TrialSetup) -> TrialResult:
    """Log out in an open exam, and try what the tokens opened: reading, answering, submitting, and a refresh. The
    tokens of another candidate, who has just logged in too, must still work."""
    candidate, other = setup.candidate_for_tokens(), setup.other_candidate()
    open_exam(candidate)
    give_answer(candidate)
    if other.login.account.password is not None:
        other.log_in_again()
    api, login = setup.target.api, candidate.login
    values = {"refresh_token": login.refresh_token}
    require_accepted(candidate.read, "the exam could not be read before the logout")
    require_accepted(lambda: api.call("logout", values, login.access_token), "the candidate could not log out")
    try:
        return worst_trial_result(*_tokens_ended(setup, candidate), _still_in(other))
    finally:
        candidate.renew()
        candidate.submit_left_open()


def _tokens_ended(setup: TrialSetup, candidate: ProbeCandidate) -> Iterator[TrialResult]:
    """Whether the tokens of the candidate open nothing any more."""
    api, login = setup.target.api, candidate.login
    of_whom = "the access token of a candidate who has logged out"
    read, answer, submit = requests_with_token(candidate, login.access_token)
    yield judge_refusals(setup.on_every_worker(read), of_whom, shows_something)
    yield judge_refusals(setup.on_every_worker(answer), f"answering with {of_whom}")
    yield judge_refusals(setup.on_every_worker(submit), f"submitting with {of_whom}")
    if login.refresh_token is None:
        yield TrialResult(True, "the login had given no refresh token")
        return
    tries = setup.on_every_worker(lambda: api.call("refresh", {"refresh_token": login.refresh_token}))
    yield judge_refusals(tries, "the refresh token of a candidate who has logged out", gives_token)


def _still_in(other: ProbeCandidate) -> TrialResult:
    """Whether the tokens of somebody who has not logged out still work."""
    can_refresh = other.target.environment.platform.contract.refresh is not None and other.login.refresh_token
    reply = send_until_clear(other.refresh if can_refresh else other.read)
    if reply.refused:
        return TrialResult(False, f"a logout has ended the tokens of another candidate too: {reply_in_words(reply)}")
    return TrialResult(True if reply.accepted else None, f"the tokens of another candidate: {reply_in_words(reply)}")


def no_refresh(contract: Contract) -> str | None:
    """What the contract lacks for a trial that uses refresh tokens; None if it lacks nothing."""
    return contract.lacking("refresh") or needs_found("login", "refresh_token")(contract)


RULES = (
    Rule(
        "used-refresh-token-is-refused",
        "A refresh token works once",
        EXAM_RULES,
        _used_refresh_token,
        no_refresh,
    ),
    Rule(
        LOGOUT_ENDS_THE_TOKENS,
        "Logging out ends the candidate's tokens, and nobody else's",
        EXAM_RULES,
        _after_logout,
        needs("login", "logout"),
    ),
)
