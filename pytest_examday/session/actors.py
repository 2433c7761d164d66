"""The actors of a run and the harm that was done to them, for the verdict."""

from pytest_examday.core.verdict import Candidates, harmed
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.evidence.record_protocols import HasActors, HasReconciliation
from pytest_examday.integrity.harmed_actors import harmed_by_differences
from pytest_examday.record import Record


def actors_of(evidence: dict[str, Evidence[Record]]) -> Candidates:
    """Every actor of this run, and the harm done, each harm once."""
    records: dict[str, object] = {name: item.record for name, item in evidence.items()}
    acted: list[HasActors] = [record for record in records.values() if isinstance(record, HasActors)]
    fates = [fate for record in acted for fate in record.fates]
    groups = [record.harmed for record in acted]
    names: set[str] = set()
    for name, record in records.items():
        if not isinstance(record, HasReconciliation) or record.reconciliation is None:
            continue
        names.update(record.reconciliation.harmed)
        if not isinstance(record, HasActors):  # a record of actors already has the harm of its own comparison
            groups.append(harmed_by_differences(record.reconciliation.differences, name))
    stories = harmed(groups)
    names.update(story.actor for story in stories)
    return Candidates(total=len(fates), harmed=len(names), stories=stories)
