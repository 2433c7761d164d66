"""From findings and fates to harmed candidates: one cause for each harm (design, "harmed candidate")."""

from collections.abc import Iterable, Iterator
from typing import Literal

from pytest_examday.evidence.figures import ActorFate, HarmedActor
from pytest_examday.evidence.reconciliation import Finding

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


def harmed_by_findings(findings: Iterable[Finding], activity: str) -> tuple[HarmedActor, ...]:
    """Those whose stored answers, session or score are not what was acknowledged."""
    return tuple(
        HarmedActor(actor=finding.actor, harm=HARMS[finding.kind], story=_story(finding), activity=activity)
        for finding in findings
        if finding.kind in HARMS
    )


def harmed_by_waiting(
    fates: Iterable[ActorFate],
    max_wait_seconds: float,
    activity: str,
    *,
    submits: bool = True,
    deadline: float | None = None,
) -> tuple[HarmedActor, ...]:
    """Those who could not submit (where the exam has a submission), whose submission was accepted after the
    `deadline` (epoch), or who waited longer than the limit on one action."""
    return tuple(
        HarmedActor(actor=fate.actor, harm=kind, story=story, activity=activity)
        for fate in fates
        for kind, story in _waits(fate, max_wait_seconds, submits=submits, deadline=deadline)
    )


def _waits(
    fate: ActorFate, max_wait_seconds: float, *, submits: bool, deadline: float | None
) -> Iterator[tuple[Literal["no-submit", "waited-too-long"], str]]:
    """A wait that made a submission late is told as that alone."""
    late = None if deadline is None else fate.late_seconds(deadline)
    if submits and not fate.finished:
        yield "no-submit", fate.story
        return
    if late is not None:
        yield "no-submit", f"the submission was accepted {late:.1f} s after the deadline"
    if fate.worst_wait_ms > max_wait_seconds * 1000 and (late is None or fate.worst_wait_operation != "submit"):
        yield "waited-too-long", f"waited {fate.worst_wait_ms / 1000:.1f} s on {fate.worst_wait_operation}"


def _story(finding: Finding) -> str:
    question = f", question {finding.key}" if finding.key else ""
    return f"session {finding.subject}{question}: {finding.story}"
