"""Tries protected operations on every worker, allowed operations and jobs, and distinguishes refusal, acceptance and
anything else."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_examday.contract.contract import Job, ProtectedOperation
from pytest_examday.contract.operation import TRY_AGAIN, Operation
from pytest_examday.contract.refusal_words import quoted
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import probe
from pytest_examday.suites.exam.evidence import FreezeKind, ProtectedCalls
from pytest_examday.suites.exam.exam_mode.read_exam_mode import Survey
from pytest_examday.suites.exam.workers.named_workers import same_worker, worker_of
from pytest_examday.suites.exam.workers.tries_needed import PATIENCE, tries_for_all

if TYPE_CHECKING:
    from pytest_examday.target.api import Api, Reply
    from pytest_examday.target.target import Target

_NOT_RUN = {126, 127}
"""The exit statuses of a shell that found no command, or could not run it."""

AfterCall = Callable[[str | None], None]
"""Called after each call, with the worker that replied; None if that is not known."""


@dataclass(frozen=True)
class ActResult:
    """The result of an act: the probe if it could be tried, otherwise the reason. `calls` were made."""

    calls: int
    probe: Probe | None = None
    untried: str | None = None
    protected_calls: ProtectedCalls | None = None

    @property
    def as_required(self) -> bool:
        """Whether the platform says that it refused, allowed or skipped, as it has to."""
        return self.probe is not None and self.probe.passed is True


@dataclass(frozen=True)
class Act:
    """Something that is tried in phase 1: its kind, its name, the tables that the contract gives it, and how it is
    done."""

    kind: FreezeKind
    name: str
    tables: tuple[str, ...]
    do: Callable[[AfterCall], ActResult]


def protected_act(target: "Target", protected: ProtectedOperation, token: str, survey: Survey) -> Act:
    """The protected operation, called on every worker; once if the survey is a single reading."""
    return Act(
        "protected",
        protected.name,
        protected.effects,
        lambda after: _try_protected(target, protected, token, survey, after),
    )


def allowed_act(target: "Target", name: str, operation: Operation, token: str) -> Act:
    """An operation that exam mode has to allow, called once."""
    return Act("allowed", name, (), lambda after: _try_allowed(target, name, operation, token, after))


def job_act(target: "Target", job: Job) -> Act:
    """A background job, run once."""
    return Act("job", job.name, job.effects, lambda after: _try_job(target, job, after))


def _try_allowed(target: "Target", name: str, operation: Operation, token: str, after: AfterCall) -> ActResult:
    reply = target.api.call(operation, token=token)
    after(worker_of(reply))
    reason = None if reply.accepted or _broken(reply) else _no_reply_to_judge(target, operation, reply)
    protected_operations = target.environment.platform.contract.protected
    if (
        reason is None
        and reply.status == 403
        and not any(protected.refuses(403, reply.body) for protected in protected_operations)
    ):
        reason = f"{_words(reply)}: refused, and not by exam mode"
    return ActResult(1, probe(name, reply, detail=_words(reply)) if reason is None else None, reason)


def _try_job(target: "Target", job: Job, after: AfterCall) -> ActResult:
    try:
        ran = target.runtime.run_job(job.name)
    except Unmeasurable as reason:
        return ActResult(0, untried=str(reason))
    after(None)
    last = (ran.output.strip().splitlines() or ["no output"])[-1]
    detail = f"exit status {ran.exit_status}: {last[:200]}"
    if ran.exit_status in _NOT_RUN:
        return ActResult(1, untried=f"the command was not found or could not be run: {detail}")
    skipped = ran.exit_status == 0 and re.search(job.skipped, ran.output) is not None
    return ActResult(1, Probe(name=job.name, passed=skipped, detail=detail))


@dataclass(frozen=True)
class _Call:
    """One call of a protected operation: whether exam mode refused it; None if the reply is neither refusal nor
    acceptance."""

    reply: "Reply"
    refused: bool | None
    worker: str | None

    def __str__(self) -> str:
        by = "" if self.worker is None else f" by {self.worker}"
        return f"{self.reply}{by}"


def _try_protected(
    target: "Target", protected: ProtectedOperation, token: str, survey: Survey, after: AfterCall
) -> ActResult:
    """Call the protected operation, with each of its bodies, until every worker that gave a reading has replied, or so
    often that a missed worker is very unlikely; once if the survey is a single reading.

    It is not called again once it was accepted, because it then does its work, nor if the platform asks callers to
    wait.
    """
    calls: list[_Call] = []
    reached: list[set[str]] = []
    for operation in protected.operations:
        made = _calls(target.api, protected, operation, token, survey, after)
        calls += made
        reached.append({call.worker for call in made if call.worker is not None})
        if not all(call.refused for call in made):
            break
    workers = tuple(sorted(set[str]().union(*reached)))
    complete = all(call.refused for call in calls)
    everywhere = set(survey.seen).intersection(*reached)
    missed = tuple(name for name in survey.seen if name not in everywhere) if workers and complete else ()
    accepted = next((call for call in calls if call.refused is False), None)
    counted = ProtectedCalls(name=protected.name, calls=len(calls), workers=workers, missed=missed)
    if accepted is not None:
        words = quoted(accepted.reply.words) if protected.refused_when is not None else ""
        not_refused = probe(protected.name, accepted.reply, False, f"{accepted}: not refused by exam mode{words}")
        return ActResult(len(calls), not_refused, protected_calls=counted)
    unclear = next((call for call in calls if call.refused is None), None)
    if unclear is not None:
        return ActResult(len(calls), untried=_no_refusal(target, protected, unclear), protected_calls=counted)
    by = f" by {', '.join(workers)}" if workers else ""
    detail = f"{calls[-1].reply}{by}, {len(calls)} calls"
    return ActResult(len(calls), probe(protected.name, calls[-1].reply, True, detail), protected_calls=counted)


def _calls(
    api: "Api", protected: ProtectedOperation, operation: Operation, token: str, survey: Survey, after: AfterCall
) -> list[_Call]:
    in_header = api.contract.worker_header is not None
    call_once = _call_beside_readings if survey.sticky and survey.seen and not in_header else _call
    calls: list[_Call] = []
    replied: set[str] = set()
    most = tries_for_all(max(survey.known, survey.seen, key=len))
    for turn in range(PATIENCE * most):
        call = call_once(api, protected, operation, token, replied)
        if call is None:
            continue  # this worker has replied already
        after(call.worker)
        calls.append(call)
        if survey.single or call.refused is False or call.reply.status in TRY_AGAIN:
            break
        if call.worker is not None:
            replied.add(call.worker)
        if survey.seen and replied.issuperset(survey.seen):
            break
        if not replied and turn + 1 >= most:
            break  # replies do not name their worker: only the number of calls counts
    return calls


def _call(api: "Api", protected: ProtectedOperation, operation: Operation, token: str, _answered: set[str]) -> _Call:
    reply = api.call(operation, token=token)
    return _Call(reply, _refused(protected, reply), worker_of(reply))


def _call_beside_readings(
    api: "Api", protected: ProtectedOperation, operation: Operation, token: str, replied: set[str]
) -> _Call | None:
    """Call the protected operation between two readings on one connection: the worker that gives both has also given
    the reply in between.

    None if the first reading names a worker that has replied already.
    """
    with api.keep_alive() as connection:
        before = connection.call("exam_mode")
        if worker_of(before) in replied:
            return None
        reply = connection.call(operation, token)
        behind = connection.call("exam_mode")
    sure = same_worker(before, behind) and reply.connection == before.connection
    return _Call(reply, _refused(protected, reply), worker_of(before) if sure else None)


def _refused(protected: ProtectedOperation, reply: "Reply") -> bool | None:
    if protected.refuses(reply.status, reply.body):
        return True
    taken = reply.accepted or (reply.status is not None and 200 <= reply.status < 300)
    return False if taken else None


def _no_refusal(target: "Target", protected: ProtectedOperation, call: _Call) -> str:
    reason = _no_reply_to_judge(target, protected.operation, call.reply)
    if reason is not None:
        return reason
    return f"{_words(call.reply)}, which is neither a refusal by exam mode nor an acceptance"


def _no_reply_to_judge(target: "Target", operation: Operation, reply: "Reply") -> str | None:
    """The reason why the reply says nothing about exam mode; None if the reply itself shows no such reason."""
    if reply.status == 401:
        return f"{_words(reply)}: the platform refuses the token of env.{target.environment.name}"
    if reply.status in (404, 405):
        return f"{reply}: the platform has no {operation.method} {operation.path}; correct the path in the contract"
    if reply.status in (400, 422):
        return f"{_words(reply)}: the platform refuses the body that the contract gives"
    if _broken(reply) or reply.status in TRY_AGAIN or reply.redirect is not None:
        return _words(reply)
    return None


def _broken(reply: "Reply") -> bool:
    return reply.status is None or reply.status >= 500


def _words(reply: "Reply") -> str:
    """The reply with the platform's own words, if it was not accepted."""
    if reply.accepted or reply.status is None:
        return str(reply)
    return f"{reply}{quoted(reply.words)}"
