"""From findings and fates to harmed candidates: one cause for each harm (design, "harmed candidate")."""

from collections.abc import Iterable
from typing import Literal

from pytest_examday.evidence.figures import CandidateFate, HarmedCandidate
from pytest_examday.evidence.integrity import Finding

_Harm = Literal["lost-answer", "changed-answer", "lost-session", "no-submit", "wrong-score"]
HARMS: dict[str, _Harm] = {
    "lost": "lost-answer",
    "stale": "changed-answer",
    "lost_submit": "no-submit",
    "vanished": "lost-session",
    "owner_changed": "lost-session",
    "wrong_score": "wrong-score",
    "never_sent": "changed-answer",
}
"""The kinds of findings that harm a candidate, and how."""


def harmed_by_findings(findings: Iterable[Finding], activity: str) -> tuple[HarmedCandidate, ...]:
    """Those whose stored answers, session or score are not what was acknowledged."""
    return tuple(
        HarmedCandidate(candidate=finding.candidate, harm=HARMS[finding.kind], story=_story(finding), activity=activity)
        for finding in findings
        if finding.kind in HARMS
    )


def harmed_by_waiting(
    fates: Iterable[CandidateFate], max_wait_seconds: float, activity: str
) -> tuple[HarmedCandidate, ...]:
    """Those who could not submit, or waited longer than the limit on one action."""
    harmed = []
    for fate in fates:
        if not fate.submitted:
            harmed.append(
                HarmedCandidate(candidate=fate.candidate, harm="no-submit", story=fate.story, activity=activity)
            )
        elif fate.worst_wait_ms > max_wait_seconds * 1000:
            story = f"waited {fate.worst_wait_ms / 1000:.1f} s on {fate.worst_wait_operation}"
            harmed.append(
                HarmedCandidate(candidate=fate.candidate, harm="waited-too-long", story=story, activity=activity)
            )
    return tuple(harmed)


def _story(finding: Finding) -> str:
    question = f", question {finding.question_id}" if finding.question_id else ""
    return f"session {finding.session_id}{question}: {finding.story}"
