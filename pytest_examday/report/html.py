"""The top of the HTML report."""

from html import escape

from pytest_examday.config.environment import Thresholds
from pytest_examday.contract.model import Record
from pytest_examday.evidence.store import Evidence
from pytest_examday.verdict import Verdict


def banner(verdict: Verdict | None, evidence: dict[str, Evidence[Record]], thresholds: Thresholds) -> str:
    """Verdict, gates and harmed candidates as HTML."""
    if verdict is None:
        return "<h2>No verdict: the gates were not part of this run</h2>"
    rows = "".join(f"<tr><td>{escape(g.name)}</td><td>{g.outcome}</td><td>{escape(g.reason)}</td></tr>" for g in verdict.gates)
    return f"<h2>{verdict.verdict}</h2><table>{rows}</table>"
