"""Where what users add takes its place in the running order of a suite."""

from dataclasses import replace
from typing import Any

from pytest_examday.core.suite import Suite
from pytest_examday.drills.drill import Drill
from pytest_examday.report.verdict_words import took_part
from pytest_examday.session.suites import _extended
from pytest_examday.suites.exam.suite import SUITE
from tests import builders
from tests.drills.redis_drill import redis_drill

SOFT = redis_drill(name="queue_frozen", title="Queue Frozen", phase=3)
HARD = redis_drill(name="site_dark", title="Site Dark", phase=7)


class _Additions:
    """What the hooks of one user return."""

    def __init__(self, *drills: Drill) -> None:
        self._drills = drills

    def drills(self, suite: str) -> tuple[Drill, ...]:
        return self._drills

    def activities(self, suite: str) -> tuple[()]:
        return ()

    gates = lines = activities


def _with(*drills: Drill) -> Suite:
    additions: Any = _Additions(*drills)
    return _extended(SUITE, additions)


def test_a_users_drill_runs_after_the_built_in_ones_of_its_phase() -> None:
    names = [activity.name for activity in _with(HARD, SOFT).activities]
    built_in = {drill.activity: drill.phase for drill in SUITE.drills}
    assert all(names.index(name) < names.index("drill_queue_frozen") for name in built_in if built_in[name] == 3)
    assert names.index("drill_queue_frozen") < names.index("integrity")
    assert all(names.index(name) < names.index("drill_site_dark") for name in built_in)


def test_the_last_look_at_the_stored_answers_comes_after_a_users_drill_of_phase_7() -> None:
    assert [activity.name for activity in _with(HARD).activities][-2:] == ["drill_site_dark", "integrity_after"]


def test_the_drills_of_a_suite_stand_in_the_order_in_which_they_run() -> None:
    suite = _with(HARD, SOFT)
    drills = [drill.activity for drill in suite.drills]
    assert drills == [activity.name for activity in suite.activities if activity.name in drills]
    assert len(drills) == len(SUITE.drills) + 2


def test_a_users_drill_is_told_by_its_title() -> None:
    evidence: Any = {"drill_site_dark": builders.measured("drill_site_dark", builders.drill("drill_site_dark"))}
    assert took_part(evidence, [_with(HARD)]) == '1 in the drill "Site Dark"'


def test_the_suites_own_words_for_a_drill_go_before_its_title() -> None:
    evidence: Any = {"drill_site_dark": builders.measured("drill_site_dark", builders.drill("drill_site_dark"))}
    suite = replace(_with(HARD), wording={"drill_site_dark": "in the dark"})
    assert took_part(evidence, [suite]) == "1 in the dark"
