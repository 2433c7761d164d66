"""A token that was used up, or whose candidate has logged out, is refused."""

from pytest_examday.contract.contract import Contract
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour, needs, needs_found
from pytest_examday.suites.exam.behaviours.replies import judge_refusals, require_accepted, shows_something
from pytest_examday.suites.exam.behaviours.shown import Shown, worst_shown
from pytest_examday.suites.exam.behaviours.trier import Trier
from pytest_examday.target.api import Reply

_GATE = "exam-rules"


def _used_refresh_token(trier: Trier) -> Shown:
    candidate = trier.token_user()
    used = candidate.login.refresh_token
    if used is None:
        return Shown(None, "the login gives no refresh token")
    require_accepted(candidate.refresh, "the token could not be refreshed")
    if candidate.login.refresh_token == used:
        return Shown(None, "a refresh gives no new refresh token, so none is ever used up")
    tries = trier.everywhere(lambda: trier.target.api.call("refresh", {"refresh_token": used}))
    return judge_refusals(tries, "a refresh token that was used already", _gives_token)


def _after_logout(trier: Trier) -> Shown:
    candidate = trier.token_user()
    api, login = trier.target.api, candidate.login
    values = {"refresh_token": login.refresh_token}
    require_accepted(candidate.read, "the exam could not be read before the logout")
    require_accepted(lambda: api.call("logout", values, login.access_token), "the candidate could not log out")
    tries = trier.everywhere(candidate.read)
    access = judge_refusals(tries, "the access token of a candidate who has logged out", shows_something)
    if login.refresh_token is None:
        return worst_shown(access, Shown(True, "the login had given no refresh token"))
    tries = trier.everywhere(lambda: api.call("refresh", values))
    return worst_shown(
        access, judge_refusals(tries, "the refresh token of a candidate who has logged out", _gives_token)
    )


def _gives_token(reply: Reply) -> bool:
    return reply.find("access_token") is not None


def _no_refresh(contract: Contract) -> str | None:
    return contract.lacking("refresh") or needs_found("login", "refresh_token")(contract)


BEHAVIOURS = (
    Behaviour(
        "used-refresh-token-is-refused",
        "A refresh token works once",
        _GATE,
        _used_refresh_token,
        _no_refresh,
    ),
    Behaviour(
        "logout-ends-the-tokens",
        "Logging out ends the candidate's tokens",
        _GATE,
        _after_logout,
        needs("login", "logout"),
    ),
)
