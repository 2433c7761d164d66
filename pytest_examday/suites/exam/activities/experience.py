"""Phase 5: token refresh, logout, page reload and timer, as a candidate experiences them."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.behaviours.tried import tried_at_all_moments
from pytest_examday.suites.exam.evidence import ExperienceEvidence
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate, probe
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_TIMER_TOLERANCE_SECONDS = 3.0


def gather(target: Target) -> ExperienceEvidence:
    """Make the probes with three candidates, and try every behaviour in the quiet and under load.

    Raises Unmeasurable if one of the three candidates cannot open a session.
    """
    target.run.progress.say("experience: token refresh, logout, page reload")
    refresh, logout, resume = (_seated(target) for _ in range(3))
    probes = (_refresh(refresh), _logout(logout), *_resume(resume))
    return ExperienceEvidence(probes=probes, trials=tried_at_all_moments(target))


def _seated(target: Target) -> ProbeCandidate:
    (account,) = target.accounts.take(1)
    candidate = ProbeCandidate.begin(target, account)
    opened = candidate.open()
    if not opened.accepted or len(candidate.questions) < 3:
        raise Unmeasurable(f"{account.email} could not open a session with 3 questions: {opened}")
    return candidate


def _refresh(candidate: ProbeCandidate) -> Probe:
    """Refresh the token between two answers; both answers have to be stored afterwards."""
    before = candidate.answer(0)
    reply = candidate.target.api.call("refresh", {"refresh_token": candidate.login.refresh_token})
    if not (before.accepted and reply.accepted and reply.find("access_token")):
        return probe("refresh", reply, False, f"answer before: {before}; refresh: {reply}")
    old = candidate.login.access_token
    candidate.login = type(candidate.login)(
        candidate.login.account, str(reply.find("access_token")), reply.find("refresh_token")
    )
    candidate.target.run.redactor.learn(candidate.login.access_token, candidate.login.refresh_token)
    after = candidate.answer(1)
    shown = candidate.read()
    kept = candidate.stored(shown) == candidate.given and len(candidate.given) == 2
    passed = after.accepted and kept and old != candidate.login.access_token
    return probe("refresh", shown, passed, f"answer with the new token: {after}; answers kept: {_yes_no(kept)}")


def _logout(candidate: ProbeCandidate) -> Probe:
    """Log out: the token has to end, and the attempt has to stay as it was."""
    answered = candidate.answer(0)
    reply = candidate.target.api.call(
        "logout", {"refresh_token": candidate.login.refresh_token}, candidate.login.access_token
    )
    refused = candidate.read()
    candidate.log_in_again()
    shown = candidate.read()
    kept = shown.accepted and candidate.stored(shown) == candidate.given and len(candidate.given) == 1
    passed = answered.accepted and reply.accepted and refused.status in (401, 403) and kept
    detail = f"logout: {reply}; the old token afterwards: {refused}; attempt kept: {_yes_no(kept)}"
    return probe("logout", shown, passed, detail)


def _resume(candidate: ProbeCandidate) -> tuple[Probe, Probe]:
    """Read the session on a new connection, as a page reload does: it has to show every answer, and its
    clock has to have gone on."""
    begun = candidate.read()
    for number in range(3):
        candidate.answer(number, choice=1)
    shown = candidate.read()
    kept = candidate.stored(shown) == candidate.given and len(candidate.given) == 3
    resume = probe("resume", shown, shown.accepted and kept, f"{shown}; 3 answers shown: {_yes_no(kept)}")
    return resume, _timer(begun, shown)


def _timer(first: Reply, second: Reply) -> Probe:
    """The time left has to fall, by no more than the time that has passed."""
    before, after = first.find("remaining"), second.find("remaining")
    if before is None or after is None:
        return probe("timer", second, False, "the platform does not tell the time left")
    fell = float(before) - float(after)
    same_end = first.find("expires_at") == second.find("expires_at")
    passed = same_end and 0 <= fell <= _TIMER_TOLERANCE_SECONDS + second.ms / 1000
    told = f"time left fell by {fell:.2f} s over a page reload; same end: {_yes_no(same_end)}"
    return probe("timer", second, passed, told)


def _yes_no(holds: bool) -> str:
    return "yes" if holds else "no"
