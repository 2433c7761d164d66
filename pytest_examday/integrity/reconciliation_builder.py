"""Collects the counts and differences of a comparison. Every difference is counted, but only some are kept."""

from collections import Counter
from dataclasses import dataclass, field

from pytest_examday.evidence.reconciliation import Difference, Reconciliation, StateSourceName
from pytest_examday.integrity.harmed_actors import HARMS
from pytest_examday.integrity.ledger_subjects import KeyedWrite, LedgerSubject

_FURTHER_KEPT = 100
_FURTHER_OF_ONE = 5
"""How many further differences are kept besides the first one of each harmed actor: in all, and for one actor."""


@dataclass
class ReconciliationBuilder:
    """Keeps the first difference of every harmed actor; of all others 5 for each actor and 100 in all."""

    counts: Counter[str] = field(default_factory=Counter)
    """Kind -> number of its differences."""
    differences: list[Difference] = field(default_factory=list)
    difference_count: int = 0
    harmed: set[str] = field(default_factory=set)
    """The names of the harmed actors."""
    _further: Counter[str] = field(default_factory=Counter)

    def add_difference(
        self,
        kind: str,
        subject: LedgerSubject,
        story: str,
        write: KeyedWrite | None = None,
        stored: str | None = None,
        key: str | None = None,
        acknowledged_at: float | None = None,
    ) -> None:
        """Count one difference of this kind, and keep it if there is room.

        `write` is the acknowledged write that it is about. Without a write, `key` is the key, and `acknowledged_at` the
        time of the acknowledgement (seconds since the epoch).
        """
        self.counts[kind] += 1
        self.difference_count += 1
        actor = subject.actor or ""
        if not self._keeps(kind, actor):
            return
        self.differences.append(
            Difference(
                kind=kind,
                actor=actor,
                subject=subject.id,
                key=key or (write.key if write else None),
                acknowledged=write.value if write and write.state == "acknowledged" else None,
                stored=stored,
                request_id=write.request_id if write else None,
                story=story,
                acknowledged_at=write.answered_at if write else acknowledged_at,
            )
        )

    def build(
        self,
        ledgers: tuple[str, ...],
        source: StateSourceName,
        unjudged: tuple[str, ...],
        subjects: int,
        acknowledged: int,
    ) -> Reconciliation:
        """The record of the comparison. `subjects` and `acknowledged` count what was compared."""
        counts = self.counts
        return Reconciliation(
            ledgers=ledgers,
            subjects=subjects,
            acknowledged=acknowledged,
            kept=acknowledged - counts["lost"] - counts["stale"] - counts["uncompared"],
            lost=counts["lost"],
            stale=counts["stale"],
            unknown_kept=counts["unknown_kept"],
            unknown_absent=counts["unknown_absent"],
            never_sent=counts["never_sent"],
            vanished=counts["vanished"],
            wrong_scores=counts["wrong_score"],
            accepted_after_submit=counts["accepted_after_submit"],
            owner_changed=counts["owner_changed"],
            lost_submits=counts["lost_submit"],
            two_results=counts["two_results"],
            duplicate_sessions=counts["duplicate_session"],
            other_questions=counts["other_questions"],
            changed_keys=counts["changed_keys"],
            history_missing=counts["history_missing"],
            shared_owners=counts["shared_owner"],
            unsubmitted=counts["unsubmitted"],
            scores_compared=counts["scores_compared"],
            event_missing=counts["event_missing"],
            event_disagrees=counts["event_disagrees"],
            losses_in_history=counts["losses_in_history"],
            unread=counts["unread"],
            uncompared=counts["uncompared"],
            differences=tuple(self.differences),
            harmed=tuple(sorted(self.harmed)),
            source=source,
            unjudged=unjudged,
        )

    def _keeps(self, kind: str, actor: str) -> bool:
        if kind in HARMS and actor not in self.harmed:
            self.harmed.add(actor)
            return True
        if self._further[actor] >= _FURTHER_OF_ONE or self._further.total() >= _FURTHER_KEPT:
            return False
        self._further[actor] += 1
        return True
