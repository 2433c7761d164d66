"""Probes while Redis is away: an exam that was submitted before takes no answer, and its review stays closed to
others."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.probes.another_candidate import another_candidate_in_exam
from pytest_examday.suites.exam.rules.trials.judge_replies import find_accepted, shows_something
from pytest_examday.suites.exam.rules.trials.send_calls import Call, submit_exam
from pytest_examday.suites.exam.workers.named_workers import tries_on_every_worker

if TYPE_CHECKING:
    from pytest_examday.target.api import Reply
    from pytest_examday.target.target import Target

_NAMES = ("answer after the submit during", "review of another candidate during")
_NOTED = "closed exam"
"""A key of `ProbeCandidate.noted`. Its value is the candidate who has submitted, or the reason why there is none."""
_OPEN_BEFORE = "open before"
"""Another key of `ProbeCandidate.noted`. Its value says of each call whether it was accepted before the fault."""
_TRIES_BEFORE = 4
Accepts = Callable[["Reply"], bool]
"""Whether a reply with an accepted status really accepts the call."""


def note_closed_exam(target: "Target", prober: ProbeCandidate) -> None:
    """Let another person sit a short exam and submit it, before the fault, and note which of the calls that have to be
    refused are accepted even now."""
    try:
        owner = another_candidate_in_exam(target)
        submit_exam(owner)
    except Unmeasurable as reason:
        prober.noted[_NOTED] = str(reason)
        return
    prober.noted[_NOTED] = owner
    prober.noted[_OPEN_BEFORE] = [
        find_accepted([call() for _ in range(_TRIES_BEFORE)], "a call", accepts) is not None
        for call, accepts in _calls(owner, prober)
    ]


def closed_exam_stays_closed(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """The probes of the exam that `note_closed_exam` has submitted. A call that was accepted before
    the fault too is left out: phase 5 reports it. A server error passes: it is no acceptance."""
    owner = prober.noted.get(_NOTED)
    if not isinstance(owner, ProbeCandidate):
        return (Probe.untried(_NAMES[0], str(owner)),)
    tries = tries_on_every_worker(target)
    calls = zip(_NAMES, prober.noted[_OPEN_BEFORE], _calls(owner, prober), strict=False)
    return tuple(
        _probe(name, [call() for _ in range(tries)], accepts)
        for name, open_before, (call, accepts) in calls
        if not open_before
    )


def _calls(owner: ProbeCandidate, prober: ProbeCandidate) -> list[tuple[Call, Accepts | None]]:
    """The calls that have to be refused, an answer and a review, and what shows that one was not."""
    calls: list[tuple[Call, Accepts | None]] = [(_late_answer(owner), None)]
    if owner.target.environment.platform.contract.review is not None:
        calls.append((_others_review(owner, prober), shows_something))
    return calls


def _late_answer(owner: ProbeCandidate) -> Call:
    question = owner.questions[1]

    def answer() -> "Reply":
        owner.sequence += 1  # a platform may ignore an answer that is not newer than the last one
        return owner.send_answer(question["id"], question["choices"][0])

    return answer


def _others_review(owner: ProbeCandidate, prober: ProbeCandidate) -> Call:
    return ProbeCandidate(owner.target, prober.login, owner.session_id).review


def _probe(name: str, replies: list["Reply"], accepts: Accepts | None) -> Probe:
    """An error of the server is no acceptance. Without a reply, or with a refused token, nothing was tried."""
    accepted = find_accepted(replies, "the call", accepts)
    if accepted is not None:
        return Probe(name=name, passed=False, detail=accepted.detail)
    if all(reply.status in (None, HTTPStatus.UNAUTHORIZED) for reply in replies):
        return Probe.untried(name, str(replies[0]))
    return Probe(name=name, passed=True, detail=f"not accepted in {len(replies)} tries: {replies[0]}")
