"""A token that has ended opens nothing."""

from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.shown import Shown
from pytest_examday.suites.exam.behaviours.trier import Trier, done, refused, worst

_GATE = "exam-rules"
_NO_REFRESH_TOKEN = Shown(None, "the login gives no refresh token")


def _used_refresh_token(trier: Trier) -> Shown:
    with trier.exam_of_leaver() as candidate:
        used = candidate.login.refresh_token
        if used is None:
            return _NO_REFRESH_TOKEN
        renewed = candidate.renew()
        if renewed is None or not renewed.accepted:
            return Shown(None, f"the token could not be refreshed: {renewed}")
        if candidate.login.refresh_token == used:
            return Shown(None, "a refresh gives no new refresh token, so none is ever used up")
        replies = trier.everywhere(lambda: trier.target.api.call("refresh", {"refresh_token": used}))
        candidate.log_in_again()  # a platform may end every token of one whose used token comes back
        return refused(replies, "a refresh token that was used already")


def _after_logout(trier: Trier) -> Shown:
    with trier.exam_of_leaver() as candidate:
        api, login = trier.target.api, candidate.login
        values = {"refresh_token": login.refresh_token}
        done(lambda: api.call("logout", values, login.access_token), "the candidate could not log out")
        access = refused(trier.everywhere(candidate.read), "the access token of a candidate who has logged out")
        refresh = (
            _NO_REFRESH_TOKEN
            if login.refresh_token is None
            else refused(
                trier.everywhere(lambda: api.call("refresh", values)),
                "the refresh token of a candidate who has logged out",
            )
        )
        candidate.log_in_again()
        return worst(access, refresh)


BEHAVIOURS = (
    Behaviour("used-refresh-token-is-refused", "A refresh token works once", _GATE, _used_refresh_token),
    Behaviour("logout-ends-the-tokens", "Logging out ends the candidate's tokens", _GATE, _after_logout),
)
