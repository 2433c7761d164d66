"""At the end of a rehearsal exam mode is read and protected operations are tried once more, and late effects are looked
for."""

from collections.abc import Callable

import pytest

from pytest_examday.suites.exam.evidence import ExamModeAgain
from pytest_examday.suites.exam.exam_mode import exam_mode_afterwards
from tests import builders

from .fakes import ACCEPTED, REFUSED, Answer, FakePlatform, frozen, tried_once_more

LATE = "no late effects of protected operations and jobs"


def _run(platform: FakePlatform) -> FakePlatform:
    """The platform after phase 1."""
    platform.frozen = frozen(platform)
    return platform


def test_a_platform_that_is_as_it_was_passes() -> None:
    made = tried_once_more(_run(FakePlatform()))
    assert {name: probe.passed for name, probe in made.items()} == {
        LATE: True,
        "exam mode after": True,
        "protected operations after": True,
    }


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda platform, worker, protected: ACCEPTED, "HTTP 202 by worker-"),
        (lambda platform, worker, protected: ACCEPTED if worker == "worker-2" else REFUSED, "HTTP 202 by worker-2"),
    ],
    ids=["all workers", "one worker"],
)
def test_protected_operations_that_are_gone_after_a_restart_fail(
    answer: Callable[[FakePlatform, str, str], Answer], told: str
) -> None:
    platform = _run(FakePlatform())
    platform.protected_answers = answer
    made = tried_once_more(platform)["protected operations after"]
    assert made.passed is False
    assert told in made.detail


def test_a_protected_operation_that_has_an_effect_only_where_there_are_exams_fails() -> None:
    def executes(platform: FakePlatform, worker: str, protected: str) -> Answer:
        if protected == "rank runs":
            platform.write(*["user_ranks"] * platform.rows["exams"])
        return REFUSED

    platform = _run(FakePlatform(protected_answers=executes))
    platform.rows["exams"] = 3
    made = tried_once_more(platform)["protected operations after"]
    assert made.passed is False
    assert made.detail.startswith("rank runs: refused, and user_ranks changed (rows written: ")


def test_what_is_done_after_phase_1_is_no_pass_and_no_accusation() -> None:
    platform = _run(FakePlatform())
    platform.write(*["notifications"] * 40)
    made = tried_once_more(platform)[LATE]
    assert made.passed is None
    assert "these tables have changed since phase 1: notifications (rows written: 40, gone: 0)" in made.detail


def test_what_candidates_may_have_written_is_not_held_against_what_was_refused() -> None:
    """The exam of phase 1 was not submitted, so nobody knows what a submit writes."""
    platform = _run(FakePlatform())
    assert platform.frozen is not None
    tried = (builders.probe("create"), builders.probe("answer"), builders.probe("submit", False, "HTTP 409: too early"))
    platform.frozen = platform.frozen.model_copy(update={"endpoints": tried})
    platform.write(*["notifications"] * 40)
    made = tried_once_more(platform)[LATE]
    assert made.passed is None
    assert made.detail.endswith("which tables an ordinary exam writes: submit did not work there")


@pytest.mark.parametrize(
    ("drill", "probe"),
    [("drill_worker_loss", "protected operations after"), ("drill_redis_outage", "protected operations during")],
)
def test_effects_of_a_protected_operation_that_a_drill_found_open_are_no_late_effects(drill: str, probe: str) -> None:
    platform = _run(FakePlatform())
    platform.write(*["notifications"] * 40)
    platform.drills = (builders.drill(drill, probes=(builders.probe(probe, False),)),)
    assert LATE not in tried_once_more(platform)


@pytest.mark.parametrize("when", ["during the load", "after the load", "after the drills"])
def test_effects_of_a_protected_operation_that_was_open_around_the_load_are_no_late_effects(when: str) -> None:
    platform = _run(FakePlatform())
    platform.write(*["notifications"] * 40)
    accepted = ExamModeAgain(probes=(builders.probe("protected operations after", False),))
    if when == "during the load":
        platform.load = builders.load(exam_mode_meanwhile=accepted)
    elif when == "after the load":
        platform.load = builders.load(exam_mode=accepted)
    else:
        platform.observed = builders.observability(exam_mode=accepted)
    assert LATE not in tried_once_more(platform)


@pytest.mark.parametrize(
    "probe",
    ["exam mode during", "exam mode after", "protected operations during", "protected operations after"],
)
def test_what_a_drill_has_reported_is_not_tried_again(probe: str) -> None:
    platform = _run(FakePlatform())
    platform.called.clear()
    drill = builders.drill("drill_redis_outage", probes=(builders.probe(probe, False),))
    platform.drills = (drill,)
    assert exam_mode_afterwards.exam_mode_again(platform.target) == ExamModeAgain(reported_by=drill.drill)
    assert not platform.called


def test_tables_that_others_write_in_phase_1_tell_nothing_of_late_effects() -> None:
    platform = _run(FakePlatform(traffic=lambda platform: platform.write("notifications")))
    platform.traffic = lambda platform: None
    platform.write("notifications")
    assert tried_once_more(platform)[LATE].passed is True


def test_without_phase_1_or_a_database_nothing_is_said_of_late_effects() -> None:
    assert LATE not in tried_once_more(FakePlatform())
    assert LATE not in tried_once_more(_run(FakePlatform(database=False)))


def test_protected_operations_are_not_called_where_exam_mode_is_off() -> None:
    platform = _run(FakePlatform())
    platform.called.clear()
    platform.off = ("worker-2",)
    made = tried_once_more(platform)
    assert (made["exam mode after"].passed, made["exam mode after"].detail) == (False, "off in worker-2")
    assert not platform.called


def test_a_protected_operation_that_gives_no_clear_answer_is_untried() -> None:
    platform = _run(FakePlatform())
    platform.protected_answers = lambda platform, worker, protected: (503, {"detail": "restarting"})
    assert tried_once_more(platform)["protected operations after"].passed is None


def test_a_protected_operation_that_did_not_hold_in_phase_1_is_not_called_again() -> None:
    def accepts(platform: FakePlatform, worker: str, protected: str) -> Answer:
        return ACCEPTED if protected == "rank runs" else REFUSED

    made = tried_once_more(_run(FakePlatform(protected_answers=accepts)))["protected operations after"]
    assert made.passed
    assert "(5 protected operations)" in made.detail


def test_after_the_restart_of_a_worker_its_protected_operations_are_called() -> None:
    platform = _run(FakePlatform())
    platform.write(*["notifications"] * 40)
    platform.protected_answers = lambda platform, worker, protected: ACCEPTED if worker == "worker-2" else REFUSED
    made = tried_once_more(platform, exam_mode_afterwards.exam_mode_and_refusals)
    assert {name: probe.passed for name, probe in made.items()} == {
        "exam mode after": True,
        "protected operations after": False,
    }
    assert "HTTP 202 by worker-2" in made["protected operations after"].detail


def test_after_the_restart_of_a_worker_without_exam_mode_nothing_is_called() -> None:
    platform = _run(FakePlatform())
    platform.called.clear()
    platform.off = ("worker-2",)
    made = tried_once_more(platform, exam_mode_afterwards.exam_mode_and_refusals)
    assert (made["exam mode after"].passed, made["exam mode after"].detail) == (False, "off in worker-2")
    assert not platform.called
