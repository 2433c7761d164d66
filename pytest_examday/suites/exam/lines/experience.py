"""Phase 5: what a candidate experiences when the page is reloaded, the token is refreshed and the candidate logs out;
and the rules of an exam.

The probe `resume` reloads the page, which source document 000 calls a refresh; the probe `refresh` refreshes the token.
The timer of source document 000 is one of the rules.
"""

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Judge, Line
from pytest_examday.core.measured import Measured
from pytest_examday.suites.exam.evidence import ExperienceEvidence
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.lines.judge_probes import judge_probes
from pytest_examday.suites.exam.rules.all_rules import RULES, STEPS

_WORDS = {
    "resume": "Resume works after refresh (page reload)",
    "refresh": "Token refresh does not interrupt session",
    "logout": "Logout does not delete active attempt state",
}
"""Probe -> the words of its line (source document 000, phase 5)."""


def _worked(name: str) -> Judge:
    def judge(measured: Measured, findings: Findings) -> None:
        evidence = measured.record("experience", ExperienceEvidence)
        probes = [probe for probe in evidence.probes if probe.name == name]
        why = evidence.untried.get(name) or evidence.not_promised.get(
            STEPS[name], "the evidence gives no reason; rehearse again"
        )
        findings.doubt_if(not probes, f"{name} was not tried: {why}")
        judge_probes(probes, findings)
        for probe in probes:
            findings.add_fact(probe.detail)

    return judge


def _others(measured: Measured, findings: Findings) -> None:
    evidence = measured.record("experience", ExperienceEvidence)
    findings.doubt_if(not (evidence.probes or evidence.trials), "nothing was tried")
    judge_probes((probe for probe in evidence.probes if probe.name not in STEPS), findings)
    own_lines = {rule.key for rule in RULES}
    for trial in evidence.trials:
        if trial.rule not in own_lines:
            findings.fail_if(trial.held is False, f"{trial.rule}: {trial.detail}")
            findings.doubt_if(trial.held is None, f"{trial.rule} could not be tried: {trial.detail}")
    findings.add_fact(f"{len(evidence.probes)} steps of candidates and {len(evidence.trials)} rules of the exam tried")


def _rule_holds(key: str) -> Judge:
    def judge(measured: Measured, findings: Findings) -> None:
        evidence = measured.record("experience", ExperienceEvidence)
        tried = [trial for trial in evidence.trials if trial.rule == key]
        why = evidence.not_promised.get(key, "the evidence gives no reason; rehearse again")
        findings.doubt_if(not tried, f"{key} was not tried: {why}")
        for trial in tried:
            findings.fail_if(trial.held is False, trial.detail)
            findings.doubt_if(trial.held is None, f"it could not be tried: {trial.detail}")
            findings.add_fact(trial.detail)

    return judge


def _line(key: str, words: str, judge: Judge, gate: str = EXAM_RULES, *, reason_of_gate: bool = False) -> Line:
    return Line(key, words, 5, ("experience",), judge, (gate,), reason_of_gate=reason_of_gate)


LINES: tuple[Line, ...] = (
    *(_line(key, _WORDS[name], _worked(name)) for name, key in STEPS.items()),
    _line("everything-else-works", "Everything else that was tried works", _others, reason_of_gate=True),
    *(_line(rule.key, rule.words, _rule_holds(rule.key), rule.gate) for rule in RULES),
)
