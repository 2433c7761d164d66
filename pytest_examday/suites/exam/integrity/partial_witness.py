"""A witness that is not asked for what it was seen to be blind to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pytest_examday.evidence.reconciliation import SECOND_SESSIONS, WitnessName
from pytest_examday.integrity.witness import Sought, StoredSubject, Unread, Witness

BLINDNESS: dict[str, tuple[str, dict[str, Any]]] = {
    "owner_changed": ("sessions that changed their owner", {"owner": None}),
    "accepted_after_submit": ("answers saved after the submit", {"late": ()}),
    "duplicate_session": (SECOND_SESSIONS, {"siblings": ()}),
    "other_questions": ("questions of sessions, and scores", {"correct": None}),
}
"""By kind of finding: what is left unjudged, and what a subject then tells of it."""


class PartialWitness:
    """Tells what another witness tells, without what the kinds of findings in `blind` are about."""

    def __init__(self, witness: Witness, blind: frozenset[str]) -> None:
        self._witness = witness
        self._words = tuple(words for kind, (words, _) in BLINDNESS.items() if kind in blind)
        self._nothing = {
            name: value for kind, (_, fields) in BLINDNESS.items() if kind in blind for name, value in fields.items()
        }

    @property
    def name(self) -> WitnessName:
        """The name of the source."""
        return self._witness.name

    def fetch(self, sought: list[Sought]) -> Mapping[str, StoredSubject | Unread]:
        """What is stored of these subjects."""
        told = self._witness.fetch(sought)
        return {key: self._without(one) for key, one in told.items()} if self._nothing else told

    def unjudged(self) -> tuple[str, ...]:
        """What the witness could not tell, in words."""
        return (*self._witness.unjudged(), *self._words)

    def _without(self, told: StoredSubject | Unread) -> StoredSubject | Unread:
        return told if isinstance(told, Unread) else replace(told, **self._nothing)
