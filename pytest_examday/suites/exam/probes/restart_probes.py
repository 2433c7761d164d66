"""Probes around a restart of one worker or of the whole backend: exam mode, protected operations, rate limits and the
owners of exams are what they were before it. After a restart of the whole backend, rules of an exam and the log are
tried too.

Modules that load a client of the database are imported when the drill runs: whoever judges its lines need not have one.
"""

from typing import TYPE_CHECKING

from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.probe_names import RATE_LIMIT_AFTER
from pytest_examday.suites.exam.probes.limits_by_worker import limits_after, note_limits
from pytest_examday.suites.exam.probes.rate_limit_probes import limit_before, limit_probe

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def before_restart(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Let another person open an exam, and reach the rate limit. If the contract names no rate-limited call, the drill
    `redis_outage` reports it."""
    from pytest_examday.suites.exam.probes.ownership_probes import note_owner

    note_owner(target, prober)
    return limit_before(target, prober) if _has_limit(target) else ()


def after_restart(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Probes: every worker runs in exam mode again, refuses protected operations, limits the same calls, knows the
    owner of an exam, keeps rules of an exam and logs requests; and no operation that was refused before the exams has
    been carried out since."""
    from pytest_examday.suites.exam.exam_mode.exam_mode_afterwards import exam_mode_afterwards
    from pytest_examday.suites.exam.probes.log_probes import logged_after, send_requests
    from pytest_examday.suites.exam.probes.ownership_probes import owner_after
    from pytest_examday.suites.exam.probes.rule_probes import rules_after

    sent = send_requests(target, prober)
    owned = owner_after(target, prober)
    limits = limit_probe(target, prober, RATE_LIMIT_AFTER, limited=True) if _has_limit(target) else ()
    mode = exam_mode_afterwards(target)
    rules = rules_after(target)
    # The log is read last, because a platform may write its lines late.
    return (*owned, *mode, *limits, *rules, *logged_after(target, sent))


def before_worker_restart(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Let another person open an exam, and note which workers limit the rate-limited call. If none is seen to limit it,
    the drill `redis_outage` reports it."""
    from pytest_examday.suites.exam.probes.ownership_probes import note_owner

    note_owner(target, prober)
    if _has_limit(target):
        note_limits(target, prober)
    return ()


def after_worker_restart(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Probes: every worker, also the restarted one, runs in exam mode, refuses protected operations, limits the call
    that it limited before, and knows the owner of an exam."""
    from pytest_examday.suites.exam.exam_mode.exam_mode_afterwards import exam_mode_and_refusals
    from pytest_examday.suites.exam.probes.ownership_probes import owner_after

    owned = owner_after(target, prober)
    limits = limits_after(target, prober) if _has_limit(target) else ()
    return (*owned, *exam_mode_and_refusals(target), *limits)


def _has_limit(target: "Target") -> bool:
    return target.environment.platform.contract.rate_limit is not None
