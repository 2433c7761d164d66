"""The count of the campaign that kills drills: it has a round for every cell, names the cells without one, and reports
a fault that is left."""

import random
import time
from collections import Counter
from itertools import islice

import pytest

from benchmarks.kill_drills import GRACE_SECONDS, overdue
from benchmarks.kills import VICTIMS, Cell, Kill, coverage, every_cell, summary, without_end
from pytest_examday.faults.journal import IntendedFault
from pytest_examday.target.target import Target
from tests.faults.fake_platform import FakePlatform
from tests.faults.journal_lines import intended

DRILLS = ("drill_redis_outage", "worker_pause")
GOOD = Kill(Cell("drill_redis_outage", "load", "SIGKILL"), "in", 1.5, 2.5, None)


def test_every_drill_meets_every_victim_and_signal() -> None:
    cells = every_cell(DRILLS)
    assert len(set(cells)) == len(cells) == 2 * (4 * 3 + 2)
    assert {cell.victim for cell in cells} == {
        "holder",
        "pytest",
        "xdist worker",
        "load",
        "hanging holder",
        "holder and watchdog",
    }


def test_no_pair_has_a_second_turn_before_all_had_their_first() -> None:
    pairs = len(DRILLS) * len(VICTIMS)
    cells = list(islice(without_end(DRILLS, random.Random(1)), 3 * pairs))
    assert set(Counter((cell.drill, cell.victim) for cell in cells[: 2 * pairs]).values()) == {2}
    assert {cell.signal for cell in cells if cell.victim == "load"} <= {"SIGINT", "SIGTERM", "SIGKILL"}
    assert list(islice(without_end(DRILLS, random.Random(1)), 3 * pairs)) == cells, "a seed says it all"


def test_pairs_without_a_kill_are_named() -> None:
    told = coverage([GOOD], DRILLS)
    assert "1 of 12 pairs met" in told
    assert "not killed yet: load in worker_pause\n" in told
    assert "not killed yet: pytest in drill_redis_outage, worker_pause" in told


def test_a_fault_that_was_left_is_counted_and_told() -> None:
    bad = Kill(GOOD.cell, "in", 9.0, 9.0, "Redis stopped is open after its lease")
    told = summary([GOOD, GOOD, bad], DRILLS, 7)
    assert told.startswith("seed 7: 3 kills, 1 faults left\nLEFT: ")
    assert "with a fault open, 2 kills: recovered after 1.5 s (median), 1.5 s (longest)" in told
    assert "signal: SIGKILL 3" in told


@pytest.fixture
def fault(fake: FakePlatform, target: Target) -> IntendedFault:
    """One whose lease has just run out."""
    return intended(target, t=time.time() - 9, lease_until=time.time() - 1, late_seconds=1.0)


def test_a_fault_may_be_open_for_its_lease_and_a_little_longer(fault: IntendedFault) -> None:
    assert overdue([fault], "not running: redis", [], 9, 0) is None
    late = fault.model_copy(update={"lease_until": fault.lease_until - GRACE_SECONDS})
    assert (
        overdue([late], "not running: redis", [], 9, 0) == "Redis stopped is open after its lease; not running: redis"
    )
    assert overdue([late.model_copy(update={"late_seconds": 20.0})], None, [], 9, 0) is None, "it may still come"


def test_a_platform_that_has_not_recovered_without_a_fault_is_reported() -> None:
    assert overdue([], "delayed: redis", [], 3, 3) is None
    assert overdue([], "delayed: redis", [], 9, GRACE_SECONDS + 1) == "no fault is open, and delayed: redis"
    assert overdue([], None, [], 9, GRACE_SECONDS + 1) is None
