"""Probes that drills make while the platform is disturbed and candidates work."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from pydantic import SecretStr

from pytest_examday.config.accounts import Account
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.monotonic_clock import now
from pytest_examday.suites.exam.candidates.probe_candidate import (
    ProbeCandidate,
    is_limited,
    probe,
    reply_in_words,
    shows_answers,
)
from pytest_examday.suites.exam.probe_names import (
    LOGIN_DURING,
    NOT_READY_WITHOUT_IT,
    OTHERS_SERVE,
    REFRESH_DURING,
    RESUME_AFTER,
    RETRY,
    SUBMIT_AFTER,
    WHOLE_EXAM_PROBES,
)
from pytest_examday.suites.exam.rules.ended_tokens import LOGOUT_ENDS_THE_TOKENS
from pytest_examday.suites.exam.rules.trials.judge_replies import gives_token, shows_something
from pytest_examday.suites.exam.rules.trials.send_calls import WRONG_PASSWORD

if TYPE_CHECKING:
    from pytest_examday.target.api import Reply
    from pytest_examday.target.target import Target

_FRESH_CONNECTIONS = 12
_READY_AT_ONCE = 4
_READY_SECONDS = 3.0
_NOTICE_SECONDS = 5.0
"""How long the readiness endpoint may go on to say ready while a store is away."""
_WORDS = 120
_PAUSE_SECONDS = 0.2
_SHUT_OUT = (401, 403)


def others_serve(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Twelve requests on new connections: all of them have to be served."""
    operation = target.environment.platform.contract.ready_or_health
    replies = [target.api.call(operation, timeout=5) for _ in range(_FRESH_CONNECTIONS)]
    good = sum(reply.accepted for reply in replies)
    detail = f"{good} of {len(replies)} fresh connections were served"
    return (Probe(name=OTHERS_SERVE, passed=good == len(replies), detail=detail),)


def retry(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Send an answer and a submission twice, as a client does that got no reply: each of them has to count once."""
    prober.submit_left_open()
    opened = prober.open()
    if not prober.questions:
        return (_unopened(RETRY, opened),)
    first = prober.answer()
    question = prober.questions[0]
    again = prober.send_answer(question["id"], question["choices"][0])
    key = uuid.uuid4().hex
    submits = [prober.submit_with(key), prober.submit_with(key)]
    replies = [reply_in_words(reply) for reply in (first, again, *submits)]
    detail = f"answer: {replies[0]}, again: {replies[1]}; submit: {replies[2]}, again: {replies[3]}"
    if any(map(is_limited, (first, again, *submits))):
        return (Probe.untried(RETRY, detail),)
    stored = again.accepted or again.operation.has_stored(again.status, again.searched)
    safe = first.accepted and stored and submits[0].accepted
    safe = safe and submits[1].find("score") == submits[0].find("score")
    return (probe(RETRY, again, safe, detail),)


def _unopened(name: str, opened: "Reply") -> Probe:
    """The probe that needs an exam with questions, if none was opened or no question was found in the reply."""
    if not opened.accepted:
        return probe(name, opened)
    return Probe.untried(name, f"{opened}: the contract finds no question in the reply to create")


def ready_without_database(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """While the database is away the readiness endpoint must not say ready."""
    lacking = _no_readiness(target)
    if lacking is not None:
        return (Probe.not_promised(NOT_READY_WITHOUT_IT, lacking),)
    return (_noticed(target, "the database", lambda reply: not reply.accepted),)


def note_redis(target: "Target", prober: ProbeCandidate) -> None:
    """Note what the readiness endpoint says of Redis before the fault."""
    if target.environment.platform.contract.ready is not None:
        prober.noted["redis"] = target.api.call("ready", timeout=_READY_SECONDS).find("redis")


def ready_without_redis(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """While Redis is away the readiness endpoint has to say so, if it mentioned Redis before the fault."""
    before = prober.noted.get("redis")
    if before is None:
        return (Probe.not_promised(NOT_READY_WITHOUT_IT, "the readiness endpoint does not report Redis"),)
    return (_noticed(target, "Redis", lambda reply: not reply.accepted or reply.find("redis") != before),)


def _no_readiness(target: "Target") -> str | None:
    """Why the platform has no readiness endpoint of its own; None if it has one."""
    contract = target.environment.platform.contract
    ready, health = contract.ready, contract.health
    if ready is None:
        return contract.lacking("ready")
    if health is not None and (ready.method, ready.path) == (health.method, health.path):
        return "the contract has one operation for health and readiness"
    return None


def _noticed(target: "Target", what: str, tells: "Callable[[Reply], bool]") -> Probe:
    """Ask on several new connections at once, again and again, until all replies say that the store is away, for 5 s at
    the longest."""
    began = time.monotonic()
    with ThreadPoolExecutor(_READY_AT_ONCE) as pool:
        while True:
            calls = [pool.submit(target.api.call, "ready", timeout=_READY_SECONDS) for _ in range(_READY_AT_ONCE)]
            wrong = [reply for reply in (call.result() for call in calls) if not tells(reply)]
            seconds = time.monotonic() - began
            if not wrong or seconds >= _NOTICE_SECONDS:
                break
            time.sleep(_PAUSE_SECONDS)
    if wrong:
        detail = f"{what} was away for {seconds:.1f} s and ready still said {wrong[0]}: {wrong[0].shown[:_WORDS]}"
        return probe(NOT_READY_WITHOUT_IT, wrong[0], False, detail)
    return Probe(
        name=NOT_READY_WITHOUT_IT, passed=True, detail=f"all replies said that {what} is away within {seconds:.1f} s"
    )


def others_serve_and_retry(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """The probes that are made while one of several workers does not serve."""
    return (*others_serve(target, prober), *retry(target, prober))


def log_in_and_refresh(target: "Target", account: Account) -> tuple[Probe, ...]:
    """Log in, and refresh the token."""
    lacking = target.environment.platform.contract.lacking("login")
    if lacking is not None:
        return Probe.not_promised(LOGIN_DURING, lacking), Probe.not_promised(REFRESH_DURING, lacking)
    if account.password is None:
        why = "the candidate has a prepared token and no password"
        return Probe.untried(LOGIN_DURING, why), Probe.untried(REFRESH_DURING, why)
    login = target.api.request_login(account)
    if not login.accepted:
        return (probe(LOGIN_DURING, login),)
    lacking = target.environment.platform.contract.lacking("refresh")
    if lacking is not None:
        return probe(LOGIN_DURING, login), Probe.not_promised(REFRESH_DURING, lacking)
    if login.find("refresh_token") is None:
        return probe(LOGIN_DURING, login), Probe.untried(REFRESH_DURING, "the login gives no refresh token")
    refreshed = target.api.call("refresh", {"refresh_token": login.find("refresh_token")})
    return probe(LOGIN_DURING, login), probe(REFRESH_DURING, refreshed)


def wrong_password_refused(target: "Target", account: Account) -> tuple[Probe, ...]:
    """Log in with a wrong password, which has to be refused. Nothing is tried if nobody logs in with a password."""
    if target.environment.platform.contract.login is None or account.password is None:
        return ()
    reply = target.api.request_login(account.model_copy(update={"password": SecretStr(WRONG_PASSWORD)}))
    passed: bool | None = None  # neither accepted nor refused: a server error, or no reply
    if reply.accepted or reply.refused:
        passed = not (reply.accepted and gives_token(reply))
    return (Probe(name="wrong password during", passed=passed, detail=reply_in_words(reply), status=reply.status),)


def logout_ends_the_token(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Log the prober in once more, open an exam and log out: if the logout is acknowledged, that token must not open
    the exam again. A platform may also refuse the logout, or fail and say so.

    The prober gets new tokens, because a platform may end all logins of a person. Nothing is tried where nobody logs in
    with a password or logs out, or where `not_promised` names the rule.
    """
    contract, account, name = target.environment.platform.contract, prober.login.account, "logout during"
    promised = LOGOUT_ENDS_THE_TOKENS not in target.environment.not_promised
    if not promised or account.password is None or contract.lacking("login", "logout") is not None:
        return ()
    try:
        prober.submit_left_open()
        candidate = ProbeCandidate.begin(target, account)
        opened, own = candidate.open(), candidate.read()
        if not (opened.accepted and own.accepted):
            return (
                Probe.untried(name, f"no exam could be opened: {reply_in_words(opened)}, read: {reply_in_words(own)}"),
            )
        candidate.submit()
        values = {"refresh_token": candidate.login.refresh_token}
        left = target.api.call("logout", values, candidate.login.access_token)
        pages = [candidate.read() for _ in range(_FRESH_CONNECTIONS)] if left.accepted else []
        prober.renew()
    except Unmeasurable as reason:
        return (Probe.untried(name, str(reason)),)
    opens = sum(page.accepted and shows_something(page) for page in pages)
    detail = f"acknowledged, and then the token opened the exam in {opens} of {len(pages)} requests"
    if not left.accepted:
        detail = f"not acknowledged: {reply_in_words(left)}"
    return (Probe(name=name, passed=not opens, detail=detail, status=left.status),)


def whole_exam(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Open a session, answer a question and submit."""
    prober.submit_left_open()
    create, answer, submit = WHOLE_EXAM_PROBES
    steps = [(create, prober.open())]
    if prober.questions:
        steps += [(answer, prober.answer()), (submit, prober.submit())]
    return tuple(probe(name, reply) for name, reply in steps)


def reloads_are_fresh(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Answer, reload, change the answer, and reload on twelve new connections: each page has to show the new answer,
    and none an old answer that a worker has cached. Nothing is tried if a page shows no answers."""
    name = "reload during"
    if "answers" not in target.environment.platform.contract.read.finds:
        return ()
    prober.submit_left_open()
    opened = prober.open()
    if not prober.questions:
        return (_unopened(name, opened),)
    steps = [prober.answer(), prober.read()]
    if all(step.accepted for step in steps):
        steps.append(prober.answer(0, len(prober.questions[0]["choices"]) - 1))
    refused = next((step for step in steps if not step.accepted), None)
    if refused is not None:
        return (probe(name, refused),)
    pages = [prober.read() for _ in range(_FRESH_CONNECTIONS)]
    prober.submit()
    return (_all_fresh(name, prober, pages),)


def _all_fresh(name: str, prober: ProbeCandidate, pages: "list[Reply]") -> Probe:
    broken = next((page for page in pages if not page.accepted), None)
    if broken is not None:
        return probe(name, broken)
    stale = [page for page in pages if prober.shown(page) != prober.given]
    if not stale:
        changed = next(filter(None, (prober.changed(page, more_time=True) for page in pages)), None)
        if changed is not None:
            return probe(name, pages[0], False, f"a reload shows {changed}")
        return probe(name, pages[0], True, f"{len(pages)} reloads showed the acknowledged answer")
    shown = prober.shown(stale[0])
    if shown is None:
        return Probe.untried(name, f"{stale[0]}: the contract found no answers in a reload")
    message = f"{len(stale)} of {len(pages)} reloads show {shown}, acknowledged was {prober.given}"
    return probe(name, stale[0], False, message)


def log_in_and_sit_exam(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Log in, refresh and sit a whole short exam."""
    return (*log_in_and_refresh(target, prober.login.account), *whole_exam(target, prober))


@dataclass
class Continuity:
    """One exam that is begun before the fault and finished after it (source document 002, "Session Continuity").

    Afterwards it has to resume, show the acknowledged answers, and be submitted. `candidate` sits it; `prober` is the
    same person as it is known elsewhere; `begun` are the probes of its beginning. `shows` says whether a reload showed
    answers before the fault; otherwise the contract may look for them in the wrong place.
    """

    target: "Target"
    candidate: ProbeCandidate
    begun: tuple[Probe, ...]
    prober: ProbeCandidate
    shows: bool

    @classmethod
    def begin(cls, target: "Target", candidate: ProbeCandidate) -> "Continuity":
        """Open an exam beside the prober's own and answer one question."""
        own = ProbeCandidate(target, candidate.login)
        steps = [probe("begin before", own.open())]
        if own.questions:
            steps.append(probe("answer before", own.answer()))
        return cls(target, own, tuple(steps), candidate, shows=bool(own.given) and shows_answers(own.read()))

    def finish(self) -> tuple[Probe, ...]:
        """Resume the exam and submit it; each step is tried again, as a client does that gets no reply."""
        if not self.candidate.given:
            return self.begun  # nothing was acknowledged, and these probes show why
        # The same person may have new tokens: to send a refresh token that is used already would revoke them.
        self.candidate.login = self.prober.login
        read = self._patiently(self.candidate.read)
        return (*self.begun, self._resumed(read), probe(SUBMIT_AFTER, self._patiently(self.candidate.submit)))

    def _resumed(self, read: "Reply") -> Probe:
        if not read.accepted:
            return probe(RESUME_AFTER, read)
        if not self.shows:
            return Probe.untried(RESUME_AFTER, f"{read}: the contract found no answers in a reload before the fault")
        shown = self.candidate.shown(read) or {}
        if shown != self.candidate.given:
            lost = f": shows {shown}, acknowledged was {self.candidate.given}"
            return probe(RESUME_AFTER, read, False, f"{reply_in_words(read)}{lost}")
        changed = self.candidate.changed(read, more_time=True)  # the time of an outage may be given back
        return probe(
            RESUME_AFTER, read, changed is None, reply_in_words(read) if changed is None else f"shows {changed}"
        )

    def _patiently(self, step: "Callable[[], Reply]") -> "Reply":
        """Repeat a step until it is accepted, refused for good or the time is over; returns the last reply.

        A refused token is renewed once. If that fails, or the new token is refused too, the reply is final.
        """
        until = now() + self.target.environment.thresholds.drill_wait_seconds
        renewed = False
        while not (reply := step()).accepted and now() < until:
            if reply.status == HTTPStatus.UNAUTHORIZED:
                entered = None if renewed else self.candidate.renew()
                if entered is None or entered.status in _SHUT_OUT:
                    return reply
                renewed = entered.accepted
            elif reply.refused:
                return reply
            time.sleep(_PAUSE_SECONDS)
        return reply
