"""Phase 1: read exam mode of every worker, call every protected operation on every worker, run every job, look for
their effects in the database, and try the endpoints that have to work."""

import re
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.integrity.table_watch import TableWatch
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, probe
from pytest_examday.suites.exam.evidence import FreezeEvidence, FreezeKind, UntriedAct
from pytest_examday.suites.exam.exam_mode.late_effects import snapshot_for_later
from pytest_examday.suites.exam.exam_mode.read_exam_mode import Survey, survey_of
from pytest_examday.suites.exam.exam_mode.try_acts import Act, allowed_act, job_act, protected_act
from pytest_examday.suites.exam.exam_mode.watched_acts import WatchedActs
from pytest_examday.target.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

_BACKGROUND = re.compile(
    r"(?<!no-)(?<!without-)\b(cron|crond|celery|beat|rq|apscheduler|scheduler|dramatiq)\b", re.IGNORECASE
)
"""The names that source document 002 searches the process list for, and those of other common schedulers. An option
such as `--no-scheduler` names one that does not run."""
_NOT_CALLED = (
    "protected operations and jobs were not called, because they would do their work: exam mode is not known to be on"
)


def gather(target: Target) -> FreezeEvidence:
    """Collect the evidence of phase 1.

    Protected operations are really called, because only a refusal proves a protected operation; but only if every
    reading says that exam mode is on. If something cannot be tried, everything else still is.
    """
    token, contract = _token(target), target.environment.platform.contract
    watch = TableWatch(target.connections.database, target.environment.platform.database_schema)
    target.files.progress.say("freeze: reading exam mode of every worker")
    survey = survey_of(target)
    # Readings change nothing, so a table that has changed is used by others: this is the time without a call.
    acts = WatchedActs(watch, contract.audit_tables, set(watch.count()))
    target.files.progress.say("freeze: trying allowed operations, protected operations and jobs")
    untried = list(_try_all(target, acts, survey, token))
    effects = acts.conclude()
    environment, environment_unread = _environment(target, survey.known)
    background, background_unlisted = _background(target)
    watch.count()
    endpoints, untried_endpoints = _endpoints(target)
    # An exam was sat since the last count: what it changes is no late effect.
    changed_by_others = {*acts.changed_by_others, *watch.count()}
    return FreezeEvidence(
        exam_mode_readings=tuple(reading.on for reading in survey.readings),
        exam_mode_environment=environment,
        environment_unread=environment_unread,
        workers_seen=survey.seen,
        connections=survey.connections,
        exam_mode_by_worker=survey.by_worker,
        unreadable=survey.unreadable,
        exam_mode_flag=survey.flag,
        workers_known=survey.known,
        protected=_probes(acts, "protected"),
        allowed=_probes(acts, "allowed"),
        jobs=_probes(acts, "job"),
        untried=tuple(untried),
        not_called=None if survey.all_on else _NOT_CALLED,
        protected_calls=tuple(tried.protected_calls for _, tried in acts.done if tried.protected_calls is not None),
        effects=effects,
        table_snapshot=snapshot_for_later(watch, acts.as_required, contract.audit_tables, changed_by_others),
        effects_unmeasured=watch.unmeasured or "",
        background_processes=background,
        background_unlisted=background_unlisted,
        endpoints=endpoints,
        endpoints_untried=untried_endpoints,
    )


def _token(target: Target) -> str | Unmeasurable:
    """The administrator's token, or the reason why there is none."""
    try:
        return target.accounts.auth_token()
    except Unmeasurable as reason:
        return reason


def _try_all(target: Target, acts: WatchedActs, made: Survey, token: str | Unmeasurable) -> "Iterator[UntriedAct]":
    """Try what may be tried; returns what could not be tried. Allowed operations come first: they do no harm in any
    mode."""
    contract = target.environment.platform.contract
    if isinstance(token, Unmeasurable):
        yield from (UntriedAct(kind="allowed", name=name, reason=str(token)) for name in contract.allowed)
    else:
        allowed = [allowed_act(target, name, operation, token) for name, operation in contract.allowed.items()]
        yield from _try(acts, allowed)
    if not made.all_on:
        return
    if isinstance(token, Unmeasurable):
        yield from (
            UntriedAct(kind="protected", name=protected.name, reason=str(token)) for protected in contract.protected
        )
    else:
        yield from _try(acts, [protected_act(target, protected, token, made) for protected in contract.protected])
    yield from _try(acts, [job_act(target, job) for job in contract.jobs])


def _try(acts: WatchedActs, to_try: list[Act]) -> "Iterator[UntriedAct]":
    for act in to_try:
        tried = acts.do(act)
        if tried.untried is not None:
            yield UntriedAct(kind=act.kind, name=act.name, reason=tried.untried)


def _probes(acts: WatchedActs, kind: FreezeKind) -> tuple[Probe, ...]:
    return tuple(tried.probe for act, tried in acts.done if act.kind == kind and tried.probe is not None)


def _environment(target: Target, workers: tuple[str, ...]) -> tuple[dict[str, str | None], str]:
    """The variable of exam mode of each worker; if it could not be read, none and the reason. The gate counts the line
    on the variable only if it was measured."""
    variable = target.environment.platform.contract.exam_mode_variable
    if variable is None:
        return {}, "the contract names no variable of exam mode"
    if not workers:
        return {}, "the runtime names no workers"
    try:
        return {worker: target.runtime.environment(worker).get(variable) for worker in workers}, ""
    except Unmeasurable as reason:
        return {}, str(reason)


def _background(target: Target) -> tuple[tuple[str, ...] | None, str]:
    """The schedulers that run; if processes cannot be listed, None and the reason. The gate counts the line on
    schedulers only if it was measured."""
    try:
        processes = target.runtime.processes()
    except Unmeasurable as reason:
        return None, str(reason)
    return tuple(line for line in processes if _BACKGROUND.search(line)), ""


def _endpoints(target: Target) -> tuple[tuple[Probe, ...], str | None]:
    """The endpoints that were tried, and the reason why no candidate could try the others."""
    contract = target.environment.platform.contract
    probes = [probe(name, target.api.call(name)) for name in ("health", "ready") if contract.lacking(name) is None]
    candidate = _candidate(target)
    if isinstance(candidate, Unmeasurable):
        return tuple(probes), str(candidate)
    probes.append(probe("create", candidate.open()))
    if candidate.session_id is None or not candidate.questions:
        return tuple(probes), None
    probes.append(probe("answer", candidate.answer()))
    probes.append(probe("submit", candidate.submit()))
    if contract.review is not None:
        probes.append(probe("review", candidate.review()))
    return tuple(probes), None


def _candidate(target: Target) -> ProbeCandidate | Unmeasurable:
    """A candidate who is logged in, or the reason why there is none."""
    try:
        (account,) = target.accounts.take(1)
        return ProbeCandidate.begin(target, account)
    except Unmeasurable as reason:
        return reason
