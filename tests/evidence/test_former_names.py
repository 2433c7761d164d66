"""Evidence of earlier versions is read by the former names of its fields."""

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.suites.exam.evidence import ExamModeAgain, Trial
from tests import builders


def test_evidence_of_a_drill_is_read_by_the_former_names_of_its_fields() -> None:
    drill = builders.drill()
    fields = drill.model_dump(mode="json")
    fields["asked_seconds"] = fields.pop("planned_seconds")
    for reading in fields["readings"]:
        reading["by"], reading["there"] = reading.pop("observer"), reading.pop("present")
    assert DrillEvidence.model_validate(fields) == drill


def test_a_fate_is_read_by_the_former_names_of_its_fields() -> None:
    fate = builders.fate("ada", finished=False, password_doubted=True, shown_end=1.0)
    fields = fate.model_dump(mode="json")
    fields["kept_out"], fields["told_end"] = fields.pop("password_doubted"), fields.pop("shown_end")
    assert ActorFate.model_validate(fields) == fate


def test_a_trial_is_read_by_the_former_names_of_its_fields() -> None:
    trial = builders.trial("review-stays", held=False)
    former = {"behaviour": trial.rule, "kept": False, "detail": trial.detail}
    assert Trial.model_validate(former) == trial


def test_who_has_reported_exam_mode_before_is_read_by_its_former_name() -> None:
    assert ExamModeAgain.model_validate({"told_by": "phase 1"}) == ExamModeAgain(reported_by="phase 1")
