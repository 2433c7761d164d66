"""Counts and findings while they grow: counts and the names of the harmed are whole, findings are samples."""

from collections import Counter
from dataclasses import dataclass, field

from pytest_examday.evidence.reconciliation import Finding, Reconciliation, WitnessName
from pytest_examday.integrity.harmed_actors import HARMS
from pytest_examday.integrity.ledger_subjects import LedgerAnswer, LedgerSession

_FURTHER_KEPT = 100
_FURTHER_OF_ONE = 5


@dataclass
class GrowingReconciliation:
    """The first finding of every harmed candidate is kept; of all others a few for each candidate and 100 in all."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    harmed: set[str] = field(default_factory=set)
    _further: Counter[str] = field(default_factory=Counter)

    def find(
        self,
        kind: str,
        session: LedgerSession,
        story: str,
        answer: LedgerAnswer | None = None,
        stored: str | None = None,
        question: str | None = None,
    ) -> None:
        """Count one, and keep what is to be told of it."""
        self.counts[kind] += 1
        self.found += 1
        candidate = session.actor or ""
        if not self._keeps(kind, candidate):
            return
        self.findings.append(
            Finding(
                kind=kind,
                actor=candidate,
                subject=session.id,
                key=question or (answer.key if answer else None),
                acknowledged=answer.value if answer and answer.state == "acknowledged" else None,
                stored=stored,
                request_id=answer.request_id if answer else None,
                story=story,
            )
        )

    def as_record(
        self,
        ledgers: tuple[str, ...],
        witness: WitnessName,
        unjudged: tuple[str, ...],
        sessions: int,
        acknowledged: int,
    ) -> Reconciliation:
        """The record of so many sessions with so many acknowledged answers."""
        counts = self.counts
        return Reconciliation(
            ledgers=ledgers,
            subjects=sessions,
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
            unsubmitted=counts["unsubmitted"],
            scores_compared=counts["scores_compared"],
            event_missing=counts["event_missing"],
            event_disagrees=counts["event_disagrees"],
            losses_logged=counts["losses_logged"],
            unread=counts["unread"],
            uncompared=counts["uncompared"],
            findings=tuple(self.findings),
            harmed=tuple(sorted(self.harmed)),
            witness=witness,
            unjudged=unjudged,
        )

    def _keeps(self, kind: str, candidate: str) -> bool:
        if kind in HARMS and candidate not in self.harmed:
            self.harmed.add(candidate)
            return True
        if self._further[candidate] >= _FURTHER_OF_ONE or self._further.total() >= _FURTHER_KEPT:
            return False
        self._further[candidate] += 1
        return True
