"""Finds the harmed actors among differences and fates. Each harm is reported once.

The names of the harms and the stories are those of an exam.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from pytest_examday.core.limit_words import SECONDS, shown
from pytest_examday.evidence.figures import ActorFate, HarmedActor
from pytest_examday.evidence.reconciliation import Difference

Harm = Literal["lost-answer", "changed-answer", "lost-session", "no-submit", "waited-too-long", "wrong-score"]
"""The kinds of harm."""
HARMS: dict[str, Harm] = {
    "lost": "lost-answer",
    "stale": "changed-answer",
    "lost_submit": "no-submit",
    "vanished": "lost-session",
    "owner_changed": "lost-session",
    "shared_owner": "lost-session",
    "wrong_score": "wrong-score",
    "never_sent": "changed-answer",
}
"""Kind of difference that harms an actor -> the kind of harm."""


def harmed_by_differences(differences: Iterable[Difference], activity: str) -> tuple[HarmedActor, ...]:
    """The actors for whom something else is stored than was acknowledged."""
    return tuple(
        HarmedActor(
            actor=difference.actor,
            harm=HARMS[difference.kind],
            story=difference.located_story,
            activity=activity,
        )
        for difference in differences
        if difference.kind in HARMS
    )


def harmed_by_waiting(
    fates: Iterable[ActorFate],
    max_wait_seconds: float,
    activity: str,
    *,
    submits: bool = True,
    deadline: float | None = None,
) -> tuple[HarmedActor, ...]:
    """The actors who waited longer than `max_wait_seconds` on one action, could not finish, or finished late. An
    actor whose password is doubted is not among them.

    `submits` says whether the plan has a finish. `deadline` is when it was due (seconds since the epoch); None if there
    is no deadline."""
    return tuple(
        HarmedActor(actor=fate.actor, harm=kind, story=story, activity=activity)
        for fate in fates
        if not fate.password_doubted
        for kind, story in _waits(fate, max_wait_seconds, submits=submits, deadline=deadline)
    )


def _waits(
    fate: ActorFate, max_wait_seconds: float, *, submits: bool, deadline: float | None
) -> Iterator[tuple[Harm, str]]:
    """The harms of one actor. A long wait that made the finish late is reported only as a late finish."""
    late = None if deadline is None else fate.late_seconds(deadline)
    if submits and not fate.finished:
        yield "no-submit", fate.story
        return
    if late is not None:
        yield "no-submit", f"the submission was accepted {shown(late, 0, SECONDS)} after the deadline"
    waited = shown(fate.worst_wait_ms / 1000, max_wait_seconds, SECONDS)
    if fate.worst_wait_ms > max_wait_seconds * 1000 and (late is None or fate.worst_wait_operation != "submit"):
        yield "waited-too-long", f"waited {waited} on {fate.worst_wait_operation}"
