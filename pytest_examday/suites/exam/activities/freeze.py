"""Phase 1: read exam mode, call every guarded operation, run every job, and try the endpoints that have to work."""

import re

from pytest_examday.contract.operations import Guard, Job
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.evidence import FreezeEvidence
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate, probe
from pytest_examday.target.target import Target

_READINGS = 8
"""How many new connections read the flag: if each worker caches it, workers may differ."""
_BACKGROUND = re.compile(r"\b(cron|crond|celery|beat|rq|apscheduler|scheduler|dramatiq)\b", re.IGNORECASE)
"""The names that seed 002 searches the process list for, and those of other common schedulers."""


def gather(target: Target) -> FreezeEvidence:
    """Collect the evidence of phase 1. Guarded operations are really called, because only a refusal proves a guard.

    Raises Unmeasurable if the token of the environment is refused, or if there is no account for the endpoints.
    """
    readings = [target.api.call("exam_mode") for _ in range(_READINGS)]
    token = target.accounts.auth_token()
    _require_admin(target, token)
    target.run.progress.say("freeze: calling the guarded operations")
    return FreezeEvidence(
        exam_mode_readings=tuple(_truth(reply.find("exam_mode")) for reply in readings),
        exam_mode_environment=_environment(target),
        workers_seen=tuple(sorted({str(worker) for reply in readings if (worker := reply.find("worker"))})),
        guards=tuple(_guard(target, guard, token) for guard in target.environment.platform.contract.guards),
        allowed=tuple(
            probe(name, target.api.call(operation, token=token))
            for name, operation in target.environment.platform.contract.allowed.items()
        ),
        jobs=tuple(_job(target, job) for job in target.environment.platform.contract.jobs),
        background_processes=_background(target),
        endpoints=_endpoints(target),
    )


def _require_admin(target: Target, token: str) -> None:
    """Raise Unmeasurable if the token is refused: a guard that refuses a stranger proves nothing about exam mode."""
    contract = target.environment.platform.contract
    operations = [*contract.allowed.values(), *(guard.operation for guard in contract.guards)]
    reply = target.api.call(operations[0], token=token)
    if reply.status == 401:
        raise Unmeasurable(f"the admin operations refuse the token of env.{target.environment.name}: {reply}")


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}.get(str(value).lower())


def _environment(target: Target) -> dict[str, str | None]:
    variable = target.environment.platform.contract.exam_mode_variable
    if variable is None or target.runtime.kind == "none":
        return {}
    return {worker: target.runtime.environment(worker).get(variable) for worker in target.runtime.workers()}


def _guard(target: Target, guard: Guard, token: str) -> Probe:
    reply = target.api.call(guard.operation, token=token)
    refused = guard.refuses(reply.status, reply.body)
    return probe(guard.name, reply, refused, f"{reply}{'' if refused else ': not refused by exam mode'}")


def _job(target: Target, job: Job) -> Probe:
    try:
        ran = target.runtime.run_job(job.name)
    except Unmeasurable as reason:
        return Probe(name=job.name, passed=False, detail=f"not measured: {reason}")
    skipped = ran.exit_status == 0 and re.search(job.skipped, ran.output) is not None
    last = (ran.output.strip().splitlines() or ["no output"])[-1]
    return Probe(name=job.name, passed=skipped, detail=f"exit status {ran.exit_status}: {last[:200]}")


def _background(target: Target) -> tuple[str, ...] | None:
    try:
        processes = target.runtime.processes()
    except Unmeasurable:
        return None  # not measured: its line is inconclusive, and counts for its gate only when measured
    return tuple(line for line in processes if _BACKGROUND.search(line))


def _endpoints(target: Target) -> tuple[Probe, ...]:
    probes = [probe("health", target.api.call("health")), probe("ready", target.api.call("ready"))]
    (account,) = target.accounts.take(1)
    candidate = ProbeCandidate.begin(target, account)
    probes.append(probe("create", candidate.open()))
    if candidate.session_id is None or not candidate.questions:
        return tuple(probes)
    probes.append(probe("answer", candidate.answer()))
    probes.append(probe("submit", candidate.submit()))
    probes.append(probe("review", candidate.review()))
    return tuple(probes)
