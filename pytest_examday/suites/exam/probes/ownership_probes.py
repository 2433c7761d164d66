"""Probes around a restart: an exam still belongs to its candidate, and a refresh still gives this candidate's tokens.

Another person than the drill's prober opens an exam before the restart. After it the prober's token must not open that
exam, and its owner has to find it as it was.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.probe_names import OWNER_AFTER, REFRESH_AFTER
from pytest_examday.suites.exam.probes.another_candidate import another_candidate_in_exam
from pytest_examday.suites.exam.rules.trials.exam_state import judge_unchanged, read_state
from pytest_examday.suites.exam.rules.trials.judge_replies import is_definite_refusal, judge_refusals, shows_something
from pytest_examday.suites.exam.rules.trials.open_exam import with_good_token
from pytest_examday.suites.exam.rules.trials.send_calls import Call, send_until_clear
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.workers.named_workers import tries_on_every_worker

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_NOTED = "owner of another exam"
"""A key of `ProbeCandidate.noted`. Its value is the other person, or the reason why there is none. The key is missing
if the prober's token opened the exam before the restart too."""
_AT_ONCE = 4
"""Requests that are under way at the same moment; and how many answers and submits are tried."""


def note_owner(target: "Target", prober: ProbeCandidate) -> None:
    """Let another person open an exam and answer in it, before the restart. If the prober's token already opens that
    exam, nothing is noted: the restart is then not the cause."""
    try:
        owner = another_candidate_in_exam(target)
        page = send_until_clear(_intruder(owner, prober).read)
        if not (page.accepted and shows_something(page)):
            prober.noted[_NOTED] = owner
    except Unmeasurable as reason:
        prober.noted[_NOTED] = str(reason)


def owner_after(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Probes after the restart: only the owner can open the exam, the exam is as it was, and a refresh gives the
    owner's tokens. The exam is submitted at the end. Nothing is tried if `note_owner` noted nothing."""
    owner = prober.noted.pop(_NOTED, None)
    if owner is None:
        return ()
    if not isinstance(owner, ProbeCandidate):
        return (Probe.untried(OWNER_AFTER, str(owner)),)
    try:
        owned = _owned(owner, prober, tries_on_every_worker(target))
        probes = [Probe(name=OWNER_AFTER, passed=owned.held, detail=owned.detail)]
        refreshed = _refreshed(owner)
    except Unmeasurable as reason:
        return (Probe.untried(OWNER_AFTER, str(reason)),)
    if refreshed is not None:
        probes.append(Probe(name=REFRESH_AFTER, passed=refreshed.held, detail=refreshed.detail))
    owner.submit()
    return tuple(probes)


def _owned(owner: ProbeCandidate, prober: ProbeCandidate, tries: int) -> TrialResult:
    page = with_good_token(owner, owner.read)
    if not page.accepted:
        return TrialResult(None, f"the owner cannot read the exam after the restart: {reply_in_words(page)}")
    if (changed := owner.changed(page, more_time=True)) is not None:
        return TrialResult(False, f"a reload after the restart shows {changed}")
    intruder = _intruder(owner, prober)
    with_good_token(prober, intruder.read)
    intruder.login = prober.login
    question, before = owner.questions[0], read_state(owner)
    calls: tuple[tuple[str, Call, bool], ...] = (
        ("reading", intruder.read, True),
        ("answering in", partial(intruder.send_answer, question["id"], question["choices"][1]), False),
        ("submitting", intruder.submit, False),
    )
    shown = []
    for what, call, shows in calls:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            replies = list(pool.map(send_until_clear, [call] * (tries if shows else _AT_ONCE)))
        if all(reply.status == HTTPStatus.UNAUTHORIZED for reply in replies):
            return TrialResult(None, f"the token of the other candidate is refused: {reply_in_words(replies[0])}")
        accepts = shows_something if shows else None
        shown.append(judge_refusals(replies, f"{what} the exam of another candidate", accepts))
    unchanged = judge_unchanged(owner, before, "requests with the token of another candidate")
    return worst_trial_result(*shown, unchanged)


def _intruder(owner: ProbeCandidate, prober: ProbeCandidate) -> ProbeCandidate:
    """The prober, who knows all about the exam but has only a token of their own."""
    return ProbeCandidate(
        owner.target,
        prober.login,
        owner.session_id,
        owner.questions,
        sequence=owner.sequence + 1,
        versions=owner.versions,
    )


def _refreshed(owner: ProbeCandidate) -> TrialResult | None:
    """Whether a refresh after the restart gives tokens of the same person; None if the platform has no refresh, or
    refuses it: a platform may forget its refresh tokens."""
    before = owner.login.owner
    if owner.target.environment.platform.contract.refresh is None or owner.login.refresh_token is None:
        return None
    reply = send_until_clear(owner.refresh)
    if not reply.accepted:
        return None
    owner_in_reply = reply.find("owner")
    if None not in (before, owner_in_reply) and str(owner_in_reply) != before:
        return TrialResult(False, f"a refresh of {before} gave the tokens of {owner_in_reply}")
    page = send_until_clear(owner.read)
    if page.accepted:
        return TrialResult(True, f"the refreshed token opens its owner's exam: {page}")
    held = False if is_definite_refusal(page) else None
    return TrialResult(held, f"the refreshed token does not open its owner's exam: {reply_in_words(page)}")
