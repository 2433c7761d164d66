"""The operations of an exam that have lines of their own."""

from pytest_examday.core.findings import Findings
from pytest_examday.suites.exam.evidence import LoadEvidence

OPERATIONS = {
    "create": ("session-creation", "Session Creation"),
    "answer": ("answer-submissions", "Answer Submissions"),
    "submit": ("session-submits", "Session Submits"),
}
"""Operation -> the beginning of the keys and of the words of its lines (source document 000, phase 2)."""


def is_left_out(load: LoadEvidence, operation: str, findings: Findings) -> bool:
    """Whether the plan of the load did not have this operation; if so, it is noted as a doubt."""
    not_exercised = operation in load.left_out
    findings.doubt_if(not_exercised, f"{operation} was not exercised: it is no part of a load of shape {load.shape!r}")
    return not_exercised
