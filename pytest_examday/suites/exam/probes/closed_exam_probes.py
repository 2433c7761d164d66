"""Probes while Redis is away: an exam that was submitted before takes no answer, and its review stays closed to
others."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.rules.trials.judge_replies import shows_something
from pytest_examday.suites.exam.rules.trials.open_exam import open_exam
from pytest_examday.suites.exam.rules.trials.send_calls import Call, give_answer, submit_exam
from pytest_examday.suites.exam.workers.named_workers import tries_on_every_worker

if TYPE_CHECKING:
    from pytest_examday.target.api import Reply
    from pytest_examday.target.target import Target

_LATE_ANSWER, _OTHERS_REVIEW = "answer after the submit during", "review of another candidate during"
_NOTED = "closed exam"
"""A key of `ProbeCandidate.noted`. Its value is the candidate who has submitted, or the reason why there is none."""
Opens = Callable[["Reply"], bool]
"""Whether a reply shows that the call was not refused."""


def note_closed_exam(target: "Target", prober: ProbeCandidate) -> None:
    """Let another person sit a short exam and submit it, before the fault, and note which of the calls that have to be
    refused are accepted even now."""
    try:
        (account,) = target.accounts.take(1)
        owner = ProbeCandidate.begin(target, account)
        open_exam(owner)
        give_answer(owner)
        submit_exam(owner)
    except Unmeasurable as reason:
        prober.noted[_NOTED] = str(reason)
        return
    prober.noted[_NOTED] = owner
    for name, (call, opens) in _calls(owner, prober).items():
        prober.noted[name] = opens(call())


def closed_exam_stays_closed(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """The probes of the exam that `note_closed_exam` has submitted. A call that was accepted before the fault too is
    left out: phase 5 reports it. A server error passes: it is no acceptance."""
    owner = prober.noted.get(_NOTED)
    if not isinstance(owner, ProbeCandidate):
        return (Probe.untried(_LATE_ANSWER, str(owner)),)
    tries = tries_on_every_worker(target)
    calls = {name: tried for name, tried in _calls(owner, prober).items() if not prober.noted[name]}
    return tuple(_probe(name, [call() for _ in range(tries)], opens) for name, (call, opens) in calls.items())


def _calls(owner: ProbeCandidate, prober: ProbeCandidate) -> dict[str, tuple[Call, Opens]]:
    """The calls that have to be refused, by the names of their probes, and what shows that one was not."""
    calls: dict[str, tuple[Call, Opens]] = {_LATE_ANSWER: (_late_answer(owner), _accepts)}
    if owner.target.environment.platform.contract.review is not None:
        calls[_OTHERS_REVIEW] = (_others_review(owner, prober), _shows)
    return calls


def _late_answer(owner: ProbeCandidate) -> Call:
    question = owner.questions[1]

    def answer() -> "Reply":
        owner.sequence += 1  # a platform may ignore an answer that is not newer than the last one
        return owner.send_answer(question["id"], question["choices"][0])

    return answer


def _others_review(owner: ProbeCandidate, prober: ProbeCandidate) -> Call:
    return ProbeCandidate(owner.target, prober.login, owner.session_id).review


def _accepts(reply: "Reply") -> bool:
    return reply.accepted


def _shows(reply: "Reply") -> bool:
    return reply.accepted and shows_something(reply)


def _probe(name: str, replies: list["Reply"], opens: Opens) -> Probe:
    wrong = [reply for reply in replies if opens(reply)]
    if wrong:
        message = f"accepted in {len(wrong)} of {len(replies)} tries: {reply_in_words(wrong[0])}"
        return Probe(name=name, passed=False, detail=message, status=wrong[0].status)
    if all(reply.status in (None, HTTPStatus.UNAUTHORIZED) for reply in replies):
        return Probe.untried(name, str(replies[0]))
    return Probe(name=name, passed=True, detail=f"not accepted in {len(replies)} tries: {replies[0]}")
