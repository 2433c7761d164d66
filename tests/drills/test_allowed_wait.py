"""What a candidate waits in a drill is harm only beyond what the drill itself made everybody wait."""

import pytest

from pytest_examday.drills.allowed_wait import allowed_wait
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.integrity.harmed_actors import harmed_by_waiting

LIMIT, HELD = 30.0, 60.0


def _harmed(waited_seconds: float, *, outage: bool) -> int:
    longest = allowed_wait(LIMIT, HELD, outage=outage)
    fate = ActorFate(
        actor="ada@exam.example",
        subject="s-1",
        finished=True,
        worst_wait_ms=waited_seconds * 1000,
        worst_wait_operation="answer",
        story="sat the exam and submitted",
    )
    return len(harmed_by_waiting((fate,), longest, "drill_backend_restart"))


@pytest.mark.parametrize(("waited", "harmed"), [(61, 0), (89, 0), (91, 1)])
def test_with_all_of_the_backend_away_only_the_wait_beyond_its_return_is_harm(waited: float, harmed: int) -> None:
    assert _harmed(waited, outage=True) == harmed


@pytest.mark.parametrize(("waited", "harmed"), [(29, 0), (31, 1)])
def test_where_others_could_serve_the_whole_wait_counts(waited: float, harmed: int) -> None:
    assert _harmed(waited, outage=False) == harmed
