"""Probes around a restart of the whole backend: exam mode, guards and rate limits are what they were before it."""

from typing import TYPE_CHECKING

from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.limit_probes import limit_before, limit_probe
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def before_restart(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """Reach the rate limit. Where the contract names no rate-limited call, the drill without Redis tells so."""
    return limit_before(target, candidate) if _has_limit(target) else ()


def after_restart(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """Every worker runs in exam mode again, refuses what it guards, and limits what it limits; and what was refused
    before the exams has not been done since."""
    from pytest_examday.suites.exam.exam_mode.once_more import exam_mode_and_guards

    limits = limit_probe(target, candidate, "rate limit after", limited=True) if _has_limit(target) else ()
    return (*exam_mode_and_guards(target), *limits)


def _has_limit(target: "Target") -> bool:
    return target.environment.platform.contract.rate_limit is not None
