"""Phase 5: what a candidate experiences when the page is reloaded, the token is refreshed, the candidate logs out, and
time passes.

The probe `resume` reloads the page, which seed 000 calls a refresh; the probe `refresh` refreshes the token.
"""

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Judge, Line
from pytest_examday.core.measured import Measured
from pytest_examday.suites.exam.evidence import ExperienceEvidence

_PROBES = {
    "resume": ("resume-works-after-refresh", "Resume works after refresh"),
    "timer": ("timer-behaves-correctly", "Timer behaves correctly"),
    "refresh": ("token-refresh-does-not-interrupt-session", "Token refresh does not interrupt session"),
    "logout": ("logout-does-not-delete-active-attempt-state", "Logout does not delete active attempt state"),
}
"""By probe: the key and the words of its line (seed 000, phase 5)."""


def _worked(name: str) -> Judge:
    def judge(measured: Measured, findings: Findings) -> None:
        made = [probe for probe in measured.record("experience", ExperienceEvidence).probes if probe.name == name]
        findings.doubt_if(not made, f"{name} was not tried")
        for probe in made:
            findings.fail_if(not probe.passed, f"{name}: {probe.detail}")
            findings.tell(probe.detail)

    return judge


def _others(measured: Measured, findings: Findings) -> None:
    tried = measured.record("experience", ExperienceEvidence).probes
    findings.doubt_if(not tried, "nothing was tried")
    others = [probe for probe in tried if probe.name not in _PROBES]
    for probe in others:
        findings.fail_if(not probe.passed, f"{probe.name}: {probe.detail}")
    findings.tell(f"{len(others)} other things tried")


LINES: tuple[Line, ...] = (
    *(Line(key, words, 5, ("experience",), _worked(name)) for name, (key, words) in _PROBES.items()),
    Line("everything-else-works", "Everything else that was tried works", 5, ("experience",), _others),
)
