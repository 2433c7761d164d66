"""Phase 5: token refresh, logout and page reload, as a candidate experiences them, and the rules of an exam."""

from pytest_examday.core.suite import reasons_not_promised
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, probe, reply_in_words
from pytest_examday.suites.exam.evidence import ExperienceEvidence
from pytest_examday.suites.exam.rules.all_rules import PROMISES, STEPS
from pytest_examday.suites.exam.rules.run_trials import run_all_trials
from pytest_examday.suites.exam.rules.trials.open_exam import open_exam
from pytest_examday.suites.exam.rules.trials.send_calls import Call, give_answer, send_until_clear
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target


def gather(target: Target) -> ExperienceEvidence:
    """Make each probe with a candidate of its own, and try every rule that the platform promises.

    A probe is made if the platform accepts or refuses its steps. After any other reply the probe counts as untried.
    """
    target.files.progress.say("experience: token refresh, logout, page reload")
    probes: list[Probe] = []
    untried: dict[str, str] = {}
    excused = reasons_not_promised(PROMISES, target.environment)
    for name, step in (("refresh", _refresh), ("logout", _logout), ("resume", _resume)):
        if STEPS[name] in excused:
            continue
        try:
            probes.append(step(_seated(target)))
        except Unmeasurable as reason:
            untried[name] = str(reason)
    return ExperienceEvidence(
        probes=tuple(probes),
        untried=untried,
        trials=run_all_trials(target),
        not_promised=excused,
    )


def _seated(target: Target) -> ProbeCandidate:
    (account,) = target.accounts.take(1)
    candidate = ProbeCandidate.begin(target, account)
    open_exam(candidate)
    return candidate


def _refresh(candidate: ProbeCandidate) -> Probe:
    """Refresh the token between two answers; both answers have to be stored afterwards."""
    old = candidate.login.access_token
    if candidate.login.refresh_token is None:
        raise Unmeasurable("the login gives no refresh token")
    give_answer(candidate)
    reply = _clear(candidate.refresh, "refresh")
    if not reply.accepted or candidate.login.access_token == old:
        return probe("refresh", reply, False, f"refresh gives no new token: {reply_in_words(reply)}")
    after = _clear(lambda: candidate.answer(1), "answer with the new token")
    shown = _clear(candidate.read, "read with the new token")
    return _judged("refresh", candidate, shown, after.accepted, f"answer with the new token: {after}; answers kept")


def _logout(candidate: ProbeCandidate) -> Probe:
    """Log out and in again: the attempt has to stay as it was."""
    if candidate.login.account.password is None:
        raise Unmeasurable("the candidate has a prepared token and no password, so nobody could log in again")
    give_answer(candidate)
    values = {"refresh_token": candidate.login.refresh_token}
    reply = _clear(lambda: candidate.target.api.call("logout", values, candidate.login.access_token), "logout")
    candidate.log_in_again()
    shown = _clear(candidate.read, "read after the new login")
    return _judged("logout", candidate, shown, reply.accepted, f"logout: {reply}; attempt kept")


def _resume(candidate: ProbeCandidate) -> Probe:
    """Read the session on a new connection, as a page reload does: it has to show every answer."""
    for number in range(3):
        give_answer(candidate, number, choice=1)
    shown = _clear(candidate.read, "reload")
    return _judged("resume", candidate, shown, True, f"{shown}; 3 answers shown")


def _judged(name: str, candidate: ProbeCandidate, shown: Reply, accepted: bool, question: str) -> Probe:
    """The probe of a step, by whether it was accepted and by the reload after it: it has to show every answer, and the
    same exam as the start. `question` are the words before "yes" or "no"."""
    kept = shown.accepted and candidate.shown(shown) == candidate.given
    changed = candidate.changed(shown) if shown.accepted else None
    what = "" if changed is None else f"; the reload shows {changed}"
    return probe(name, shown, accepted and kept and changed is None, f"{question}: {_yes_no(kept)}{what}")


def _yes_no(holds: bool) -> str:
    return "yes" if holds else "no"


def _clear(call: Call, what: str) -> Reply:
    """The reply to a call; raises Unmeasurable if the platform neither accepts nor refuses it."""
    reply = send_until_clear(call)
    if not (reply.accepted or reply.refused):
        raise Unmeasurable(f"{what} got no clear reply: {reply_in_words(reply)}")
    return reply
