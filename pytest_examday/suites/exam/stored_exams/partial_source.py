"""A source of the stored state without the parts that it was found not to show."""

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
"""Kind of difference -> what is left unjudged without it, and the empty values of a subject's fields."""


class PartialSource:
    """Shows what another source shows, without what the kinds of differences in `not_shown` need."""

    def __init__(self, source: StateSource, not_shown: frozenset[str]) -> None:
        self._source = source
        self._words = tuple(words for kind, (words, _) in CAN_BE_LEFT_OUT.items() if kind in not_shown)
        self._emptied = {
            name: value
            for kind, (_, fields) in CAN_BE_LEFT_OUT.items()
            if kind in not_shown
            for name, value in fields.items()
        }

    @property
    def name(self) -> StateSourceName:
        """The name of the source."""
        return self._source.name

    def fetch(self, subjects: list[SubjectRef]) -> Mapping[str, StoredSubject | UnreadableSubject]:
        """The stored state of these subjects."""
        stored = self._source.fetch(subjects)
        return {key: self._without(subject) for key, subject in stored.items()} if self._emptied else stored

    def unjudged(self) -> tuple[str, ...]:
        """What the source does not show, in words."""
        return (*self._source.unjudged(), *self._words)

    def _without(self, stored: StoredSubject | UnreadableSubject) -> StoredSubject | UnreadableSubject:
        return stored if isinstance(stored, UnreadableSubject) else replace(stored, **self._emptied)
