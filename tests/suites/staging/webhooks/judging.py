"""Judges evidence of phase 2 as a run does."""

from dataclasses import replace

from pytest_examday.core.line import Line, LineResult, WordsOfTable
from pytest_examday.suites.staging.lines.webhooks import LINES
from pytest_examday.suites.staging.webhooks.evidence import WebhooksEvidence
from tests.core.small_suite import run_of


def judged(evidence: WebhooksEvidence) -> dict[str, LineResult]:
    """Key of each line -> its result."""
    measured = run_of(None, webhooks=evidence)
    return {line.key: _worded(line).result(measured) for line in LINES}


def _worded(line: Line) -> Line:
    """The line with the words of a run whose configuration gives no table."""
    return replace(line, words=line.words.write(None)) if isinstance(line.words, WordsOfTable) else line


def outcomes(evidence: WebhooksEvidence) -> dict[str, str]:
    """Key of each line that does not pass -> its outcome and its reason."""
    return {
        key: f"{result.outcome}: {result.reason}"
        for key, result in judged(evidence).items()
        if result.outcome != "pass"
    }
