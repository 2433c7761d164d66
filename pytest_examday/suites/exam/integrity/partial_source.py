"""A witness that is not asked for what it was seen to be blind to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pytest_examday.evidence.reconciliation import SECOND_SESSIONS, StateSourceName
from pytest_examday.integrity.stored_state import StateSource, StoredSubject, SubjectRef, UnreadableSubject

CAN_BE_LEFT_OUT: dict[str, tuple[str, dict[str, Any]]] = {
    "owner_changed": ("sessions that changed their owner", {"owner": None}),
    "accepted_after_submit": ("answers saved after the submit", {"late": ()}),
    "duplicate_session": (SECOND_SESSIONS, {"opened_nearby": ()}),
    "other_questions": ("questions of sessions, and scores", {"correct": None}),
}
"""By kind of difference: what is left unjudged, and what a subject then tells of it."""


class PartialSource:
    """Tells what another witness tells, without what the kinds of differences in `blind` are about."""

    def __init__(self, witness: StateSource, blind: frozenset[str]) -> None:
        self._witness = witness
        self._words = tuple(words for kind, (words, _) in CAN_BE_LEFT_OUT.items() if kind in blind)
        self._nothing = {
            name: value
            for kind, (_, fields) in CAN_BE_LEFT_OUT.items()
            if kind in blind
            for name, value in fields.items()
        }

    @property
    def name(self) -> StateSourceName:
        """The name of the source."""
        return self._witness.name

    def fetch(self, subjects: list[SubjectRef]) -> Mapping[str, StoredSubject | UnreadableSubject]:
        """What is stored of these subjects."""
        told = self._witness.fetch(subjects)
        return {key: self._without(one) for key, one in told.items()} if self._nothing else told

    def unjudged(self) -> tuple[str, ...]:
        """What the witness could not tell, in words."""
        return (*self._witness.unjudged(), *self._words)

    def _without(self, told: StoredSubject | UnreadableSubject) -> StoredSubject | UnreadableSubject:
        return told if isinstance(told, UnreadableSubject) else replace(told, **self._nothing)
