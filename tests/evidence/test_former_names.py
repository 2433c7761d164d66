"""Evidence of earlier versions is read by the former names of its fields."""

from pytest_examday.evidence.drill_evidence import DrillEvidence
from tests import builders


def test_evidence_of_a_drill_is_read_by_the_former_names_of_its_fields() -> None:
    drill = builders.drill()
    fields = drill.model_dump(mode="json")
    fields["asked_seconds"] = fields.pop("planned_seconds")
    for reading in fields["readings"]:
        reading["by"], reading["there"] = reading.pop("observer"), reading.pop("present")
    assert DrillEvidence.model_validate(fields) == drill
