"""Judges probes: a failed probe fails its line, and an untried probe makes its line inconclusive. A probe of something
that the platform does not promise is named and not judged."""

from collections.abc import Callable, Iterable

from pytest_examday.core.findings import Findings
from pytest_examday.evidence.probe import Probe


def judge_probes(
    probes: Iterable[Probe],
    findings: Findings,
    *,
    where: str = "",
    failed: Callable[[Probe], str] = lambda probe: f"{probe.name}: {probe.detail}",
) -> None:
    """Note every probe that failed, and those that could not be tried: one reason for all that have the same cause.

    `where` begins each reason, `failed` words a failure."""
    untried: dict[str, list[str]] = {}
    for probe in probes:
        if probe.passed is None and probe.promised:
            untried.setdefault(probe.detail, []).append(probe.name)
        findings.fail_if(probe.passed is False, f"{where}{failed(probe)}")
    for cause, names in untried.items():
        findings.doubt(f"{where}{', '.join(names)} could not be tried: {cause}")


def worked(probes: Iterable[Probe]) -> int:
    """How many of the probes worked."""
    return sum(probe.passed is True for probe in probes)
