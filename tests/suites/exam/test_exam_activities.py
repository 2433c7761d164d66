"""The activities of the exam: what each may do, and what comes before it."""

import pytest

from pytest_examday.core.activity import Activity, with_prerequisites
from pytest_examday.suites.exam.suite import SUITE

ACTIVITIES = SUITE.activities
BY_NAME = {activity.name: activity for activity in ACTIVITIES}


def test_activities_are_listed_in_the_order_of_their_phases() -> None:
    assert [activity.phase for activity in ACTIVITIES] == sorted(activity.phase for activity in ACTIVITIES)


@pytest.mark.parametrize("activity", ACTIVITIES, ids=lambda activity: activity.name)
def test_whatever_comes_before_an_activity_is_listed_before_it(activity: Activity) -> None:
    names = [other.name for other in ACTIVITIES]
    assert all(names.index(name) < names.index(activity.name) for name in activity.runs_after)


@pytest.mark.parametrize("name", [name for name in BY_NAME if name != "preflight"])
def test_nothing_runs_before_the_platform_was_reached(name: str) -> None:
    assert with_prerequisites([name], BY_NAME)[0].name == "preflight"


def test_a_closure_holds_each_activity_once_in_running_order() -> None:
    names = [
        activity.name for activity in with_prerequisites(["observability", "integrity", "load", "integrity"], BY_NAME)
    ]
    assert names == ["preflight", "exam_mode", "load", "integrity", "observability"]


def test_a_closure_of_nothing_is_nothing() -> None:
    assert with_prerequisites([], BY_NAME) == ()


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("preflight", "read"),
        ("integrity", "read"),
        ("integrity_after", "read"),
        ("exam_mode", "write"),
        ("freeze", "write"),
        ("load", "write"),
        ("experience", "write"),
        ("observability", "write"),
        *((drill.activity, "disrupt") for drill in SUITE.drills),
    ],
)
def test_an_activity_needs_the_permission_for_what_it_does(name: str, permission: str) -> None:
    assert BY_NAME[name].permission == permission


def test_every_activity_is_given_a_permission_above() -> None:
    (mark,) = test_an_activity_needs_the_permission_for_what_it_does.pytestmark  # type: ignore[attr-defined] # pytest's
    lacking = BY_NAME.keys() - {name for name, _ in mark.args[1]}
    assert not lacking, f"add rows to the table of permissions in tests/suites/exam/test_exam_activities.py: {lacking}"
