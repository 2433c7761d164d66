"""What drills try against a platform that is disturbed, besides the candidates who are at work."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pytest_examday.config.environment import Account
from pytest_examday.evidence.phases import Probe
from pytest_examday.suites.exam.sitting import Sitting, probe
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_FRESH_CONNECTIONS = 12
_PAUSE_SECONDS = 0.2
_UNAUTHORIZED = 401
_SHUT_OUT = (401, 403)


def others_serve(target: Target, sitting: Sitting) -> tuple[Probe, ...]:
    """Fresh connections are all answered."""
    ready = [target.api.call("ready", timeout=5) for _ in range(_FRESH_CONNECTIONS)]
    good = sum(reply.accepted for reply in ready)
    detail = f"{good} of {len(ready)} fresh connections were served"
    return (Probe(name="others serve", passed=good == len(ready), detail=detail),)


def retry(target: Target, sitting: Sitting) -> tuple[Probe, ...]:
    """What a client sends twice because it heard nothing counts once."""
    opened = sitting.open()
    if not sitting.questions:
        return (probe("retry", opened, False),)
    first = sitting.answer()
    question, value = next(iter(sitting.given.items()), (sitting.questions[0]["id"], ""))
    again = sitting.repeat_answer(question, value)
    submits = [sitting.submit(), sitting.submit()]
    safe = first.accepted and again.accepted and submits[0].accepted
    safe = safe and submits[1].find("score") == submits[0].find("score")
    detail = f"answer: {first}, again: {again}; submit: {submits[0]}, again: {submits[1]}"
    return (probe("retry", again, safe, detail),)


def entering(target: Target, account: Account) -> tuple[Probe, ...]:
    """Log in and refresh."""
    if account.password is None:
        detail = "not measured: the candidate has a prepared token and no password"
        return tuple(Probe(name=f"{name} during", passed=False, detail=detail) for name in ("login", "refresh"))
    values = {"email": account.email, "password": account.password.get_secret_value()}
    login = target.api.call("login", values)
    target.run.redactor.learn(login.find("access_token"), login.find("refresh_token"))
    refreshed = target.api.call("refresh", {"refresh_token": login.find("refresh_token")})
    target.run.redactor.learn(refreshed.find("access_token"), refreshed.find("refresh_token"))
    return probe("login during", login), probe("refresh during", refreshed)


def whole_exam(target: Target, sitting: Sitting) -> tuple[Probe, ...]:
    """Open, answer and submit."""
    steps = [("create", sitting.open())]
    if sitting.questions:
        steps += [("answer", sitting.answer()), ("submit", sitting.submit())]
    return tuple(probe(f"{name} during", reply) for name, reply in steps)


def enter_and_sit(target: Target, sitting: Sitting) -> tuple[Probe, ...]:
    """Log in, refresh and sit a whole short exam."""
    return (*entering(target, sitting.login.account), *whole_exam(target, sitting))


@dataclass
class Continuity:
    """One exam begun before the fault and finished after it (seed 002, "Session Continuity"): it can be resumed, shows
    what was acknowledged, and is submitted."""

    target: Target
    sitting: Sitting
    begun: tuple[Probe, ...]
    prober: Sitting

    @classmethod
    def begin(cls, target: Target, sitting: Sitting) -> "Continuity":
        """Open an exam beside the prober's own and answer one question."""
        own = Sitting(target, sitting.login)
        steps = [probe("begin before", own.open())]
        if own.questions:
            steps.append(probe("answer before", own.answer()))
        return cls(target, own, tuple(steps), sitting)

    def finish(self) -> tuple[Probe, ...]:
        """Resume and submit, trying again as a client does that hears nothing."""
        if not self.sitting.given:
            return self.begun  # nothing was acknowledged, which these probes tell
        self.sitting.login = self.prober.login  # one person, who may have new tokens: a used one would end them
        read = self._patiently(self.sitting.read)
        shown = self.sitting.stored(read)
        kept = read.accepted and shown == self.sitting.given
        lost = "" if kept or not read.accepted else f": shows {shown}, acknowledged was {self.sitting.given}"
        resumed = probe("resume after", read, kept, f"{read}{lost}")
        return (*self.begun, resumed, probe("submit after", self._patiently(self.sitting.submit)))

    def _patiently(self, step: Callable[[], Reply]) -> Reply:
        """A refused token is renewed once; a no to that, or to the new one, is the platform's last word."""
        until = time.time() + self.target.environment.thresholds.drill_wait_seconds
        renewed = False
        while not (reply := step()).accepted and time.time() < until:
            if reply.status == _UNAUTHORIZED:
                entered = None if renewed else self.sitting.renew()
                if entered is None or entered.status in _SHUT_OUT:
                    return reply
                renewed = entered.accepted
            time.sleep(_PAUSE_SECONDS)
        return reply
