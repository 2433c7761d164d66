"""Evidence of earlier versions is read by the former names of its fields."""

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.evidence.reconciliation import EVENT_HISTORY, Difference, Reconciliation
from pytest_examday.suites.exam.evidence import ExamModeAgain, IntegrityEvidence, LoadEvidence, Trial
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


def test_evidence_of_a_load_is_read_by_the_former_names_of_its_fields() -> None:
    load = builders.load()
    fields = load.model_dump(mode="json")
    fields["sections"] = fields.pop("parts")
    fields["schedule"]["steady_until"] = fields["schedule"].pop("last_part_begins")
    assert LoadEvidence.model_validate(fields) == load


def test_a_comparison_is_read_by_the_former_names_of_its_fields() -> None:
    difference = Difference(
        kind="lost",
        actor="ada",
        subject="s-1",
        key="q-1",
        acknowledged="A",
        stored=None,
        request_id="ed-1",
        story="acknowledged A and nothing is stored",
        acknowledged_at=builders.EPOCH,
    )
    comparison = builders.reconciliation(
        kept=99, lost=1, changed_keys=2, losses_in_history=1, differences=(difference,), unjudged=(EVENT_HISTORY,)
    )
    fields = comparison.model_dump(mode="json")
    fields["changes"], fields["losses_logged"] = fields.pop("changed_keys"), fields.pop("losses_in_history")
    fields["unjudged"] = ["the platform's own log of answers"]
    fields["differences"][0]["answered_at"] = fields["differences"][0].pop("acknowledged_at")
    assert Reconciliation.model_validate(fields) == comparison


def test_stored_answers_are_read_by_the_former_name_of_the_event_history() -> None:
    integrity = builders.integrity().model_copy(update={"has_event_history": False})
    fields = integrity.model_dump(mode="json")
    fields["own_log"] = fields.pop("has_event_history")
    assert IntegrityEvidence.model_validate(fields) == integrity
