"""Who was harmed, and how."""

import pytest

from pytest_examday.evidence.reconciliation import Difference
from pytest_examday.integrity.harmed_actors import harmed_by_differences, harmed_by_waiting
from pytest_examday.session.actors import actors_of
from tests.builders import EPOCH, drill, fate, harm, integrity, load, measured, reconciliation, unmeasured


def _difference(kind: str, question: str | None = "q1") -> Difference:
    return Difference(
        kind=kind,
        actor="ada",
        subject="s-1",
        key=question,
        acknowledged="A",
        stored=None,
        request_id="ed-1",
        story="acknowledged A and nothing is stored",
    )


@pytest.mark.parametrize(
    ("kind", "harm"),
    [
        ("lost", "lost-answer"),
        ("stale", "changed-answer"),
        ("never_sent", "changed-answer"),
        ("vanished", "lost-session"),
        ("owner_changed", "lost-session"),
        ("shared_owner", "lost-session"),
        ("lost_submit", "no-submit"),
        ("wrong_score", "wrong-score"),
    ],
)
def test_a_finding_against_a_candidate_is_a_harm(kind: str, harm: str) -> None:
    (harmed,) = harmed_by_differences([_difference(kind)], "load")
    assert (harmed.actor, harmed.harm, harmed.activity) == ("ada", harm, "load")
    assert harmed.story == "session s-1, question q1: acknowledged A and nothing is stored"


def test_a_finding_that_took_nothing_from_the_candidate_is_no_harm() -> None:
    assert harmed_by_differences([_difference("accepted_after_submit")], "load") == ()


def test_a_story_about_the_whole_session_names_no_question() -> None:
    (harmed,) = harmed_by_differences([_difference("vanished", None)], "load")
    assert harmed.story.startswith("session s-1: ")


def test_who_could_not_submit_is_harmed_and_says_why() -> None:
    (harmed,) = harmed_by_waiting([fate(finished=False, story="submit was refused", worst_wait_ms=1e6)], 10, "load")
    assert (harmed.harm, harmed.story) == ("no-submit", "submit was refused")


@pytest.mark.parametrize(("worst_ms", "harmed"), [(9_999.0, False), (10_000.0, False), (10_001.0, True)])
def test_who_waited_longer_than_the_limit_on_one_action_is_harmed(worst_ms: float, harmed: bool) -> None:
    found = harmed_by_waiting([fate(worst_wait_ms=worst_ms, worst_wait_operation="submit")], 10, "load")
    assert [(one.harm, one.story) for one in found] == (
        [("waited-too-long", "waited 10.001 s on submit")] if harmed else []
    )


@pytest.mark.parametrize(("late", "harmed"), [(-3.0, False), (0.0, False), (0.1, True), (12.34, True)])
def test_whose_submission_was_accepted_after_the_deadline_is_harmed(late: float, harmed: bool) -> None:
    found = harmed_by_waiting([fate(finished_at=EPOCH + 20 + late)], 10, "load", deadline=EPOCH + 20)
    story = f"the submission was accepted {late:.1f} s after the deadline"
    assert [(one.harm, one.story) for one in found] == ([("no-submit", story)] if harmed else [])


def test_without_a_deadline_or_a_moment_nobody_is_late() -> None:
    assert harmed_by_waiting([fate(finished_at=EPOCH + 1e6)], 10, "drill_backend_restart") == ()
    assert harmed_by_waiting([fate(finished_at=None)], 10, "load", deadline=EPOCH) == ()


@pytest.mark.parametrize(
    ("operation", "harms"), [("submit", ["no-submit"]), ("login", ["no-submit", "waited-too-long"])]
)
def test_a_wait_that_made_the_submission_late_is_one_harm(operation: str, harms: list[str]) -> None:
    late = fate(finished_at=EPOCH + 1, worst_wait_ms=20_000.0, worst_wait_operation=operation)
    assert [one.harm for one in harmed_by_waiting([late], 10, "load", deadline=EPOCH)] == harms


def test_in_a_load_without_submission_nobody_is_harmed_by_its_absence() -> None:
    sat = fate(finished=False, finished_at=None, story="sat the exam")
    assert harmed_by_waiting([sat], 10, "load", submits=False) == ()
    slow = sat.model_copy(update={"worst_wait_ms": 11_000.0})
    assert [one.harm for one in harmed_by_waiting([slow], 10, "load", submits=False)] == ["waited-too-long"]


def test_the_verdict_counts_each_harmed_candidate_once() -> None:
    lost = {"lost": 1, "differences": (_difference("lost"),), "harmed": ("ada", "bob", "cyd")}
    counted = actors_of(
        {
            "load": measured("load", load(harmed=(harm("bob"), harm("dan")))),
            "drill_backend_restart": measured(
                "drill_backend_restart", drill("drill_backend_restart", reconciliation=reconciliation(harmed=("eve",)))
            ),
            "drill_worker_loss": measured("drill_worker_loss", drill("drill_worker_loss", reconciliation=None)),
            "integrity_after": measured("integrity_after", integrity(**lost)),
            "freeze": unmeasured("freeze"),
        }
    )
    assert counted.harmed == len({"ada", "bob", "cyd", "dan", "eve"})
    assert {story.actor for story in counted.stories} == {"ada", "bob", "dan"}
