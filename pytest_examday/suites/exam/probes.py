"""Probes that drills make while the platform is disturbed and candidates work."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_examday.config.environment import Account
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate, probe

if TYPE_CHECKING:
    from pytest_examday.target.api import Reply
    from pytest_examday.target.target import Target

_FRESH_CONNECTIONS = 12
_PAUSE_SECONDS = 0.2
_UNAUTHORIZED = 401
_SHUT_OUT = (401, 403)


def others_serve(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """Twelve requests on new connections: all of them have to be served."""
    ready = [target.api.call("ready", timeout=5) for _ in range(_FRESH_CONNECTIONS)]
    good = sum(reply.accepted for reply in ready)
    detail = f"{good} of {len(ready)} fresh connections were served"
    return (Probe(name="others serve", passed=good == len(ready), detail=detail),)


def retry(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """Send an answer and a submission twice, as a client does that got no reply: each of them has to count once."""
    opened = candidate.open()
    if not candidate.questions:
        return (probe("retry", opened, False),)
    first = candidate.answer()
    question = candidate.questions[0]
    again = candidate.repeat_answer(question["id"], question["choices"][0])
    submits = [candidate.submit(), candidate.submit()]
    safe = first.accepted and again.accepted and submits[0].accepted
    safe = safe and submits[1].find("score") == submits[0].find("score")
    detail = f"answer: {first}, again: {again}; submit: {submits[0]}, again: {submits[1]}"
    return (probe("retry", again, safe, detail),)


def others_serve_and_retry(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """The probes for a time in which one of several workers does not serve."""
    return (*others_serve(target, candidate), *retry(target, candidate))


def entering(target: "Target", account: Account) -> tuple[Probe, ...]:
    """Log in, and refresh the token."""
    if account.password is None:
        detail = "not measured: the candidate has a prepared token and no password"
        return tuple(Probe(name=f"{name} during", passed=False, detail=detail) for name in ("login", "refresh"))
    values = {"email": account.email, "password": account.password.get_secret_value()}
    login = target.api.call("login", values)
    target.run.redactor.learn(login.find("access_token"), login.find("refresh_token"))
    refreshed = target.api.call("refresh", {"refresh_token": login.find("refresh_token")})
    target.run.redactor.learn(refreshed.find("access_token"), refreshed.find("refresh_token"))
    return probe("login during", login), probe("refresh during", refreshed)


def whole_exam(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """Open a session, answer a question and submit."""
    steps = [("create", candidate.open())]
    if candidate.questions:
        steps += [("answer", candidate.answer()), ("submit", candidate.submit())]
    return tuple(probe(f"{name} during", reply) for name, reply in steps)


def enter_and_sit(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """Log in, refresh and sit a whole short exam."""
    return (*entering(target, candidate.login.account), *whole_exam(target, candidate))


@dataclass
class Continuity:
    """One exam that is begun before the fault and finished after it (seed 002, "Session Continuity").

    Afterwards it has to resume, show the acknowledged answers, and be submitted. `candidate` sits it; `prober` is the
    same person in the drill's other probes; `begun` are the probes of its beginning.
    """

    target: "Target"
    candidate: ProbeCandidate
    begun: tuple[Probe, ...]
    prober: ProbeCandidate

    @classmethod
    def begin(cls, target: "Target", candidate: ProbeCandidate) -> "Continuity":
        """Open an exam beside the prober's own and answer one question."""
        own = ProbeCandidate(target, candidate.login)
        steps = [probe("begin before", own.open())]
        if own.questions:
            steps.append(probe("answer before", own.answer()))
        return cls(target, own, tuple(steps), candidate)

    def finish(self) -> tuple[Probe, ...]:
        """Resume the exam and submit it; each step is tried again, as a client does that gets no reply."""
        if not self.candidate.given:
            return self.begun  # nothing was acknowledged, and these probes tell why
        # The same person may have new tokens: to send a refresh token that is used already would revoke them.
        self.candidate.login = self.prober.login
        read = self._patiently(self.candidate.read)
        shown = self.candidate.stored(read)
        kept = read.accepted and shown == self.candidate.given
        lost = "" if kept or not read.accepted else f": shows {shown}, acknowledged was {self.candidate.given}"
        resumed = probe("resume after", read, kept, f"{read}{lost}")
        return (*self.begun, resumed, probe("submit after", self._patiently(self.candidate.submit)))

    def _patiently(self, step: "Callable[[], Reply]") -> "Reply":
        """Repeat a step until it is accepted, refused for good or the time is over; returns the last reply.

        A refused token is renewed once. If that fails, or the new token is refused too, the reply is final.
        """
        until = time.time() + self.target.environment.thresholds.drill_wait_seconds
        renewed = False
        while not (reply := step()).accepted and time.time() < until:
            if reply.status == _UNAUTHORIZED:
                entered = None if renewed else self.candidate.renew()
                if entered is None or entered.status in _SHUT_OUT:
                    return reply
                renewed = entered.accepted
            elif reply.refused:
                return reply
            time.sleep(_PAUSE_SECONDS)
        return reply
