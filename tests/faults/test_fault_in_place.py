"""A fault goes in after its journal line and its watchdog, and comes out however the drill ends."""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault, service_down
from pytest_examday.faults.fault_in_place import fault_in_place
from pytest_examday.faults.journal import Journal
from pytest_examday.faults.undo import StartService, Undo
from pytest_examday.target.target import Target
from tests.faults.fake_platform import FakePlatform
from tests.faults.journal_lines import intended
from tests.faults.watchdogs import watchdogs
from tests.waiting import wait_until

LEASE = 20.0


def _fault(inject: Callable[[], None]) -> Fault:
    return Fault("Redis stopped", "redis", inject, Undo.of(StartService(service="redis")))


def _said(target: Target) -> str:
    lines = target.files.progress.path.read_text().splitlines()
    return "\n".join(json.loads(line)["text"] for line in lines)


def test_journal_and_watchdog_come_before_the_fault(fake: FakePlatform, target: Target, journal: Journal) -> None:
    seen: list[tuple[int, int]] = []
    fault = _fault(lambda: seen.append((len(journal.read().open_faults), len(watchdogs()))))
    with fault_in_place(target, fault, LEASE):
        assert seen == [(1, 1)]


def test_the_fault_comes_out_when_the_drill_ends(fake: FakePlatform, target: Target, journal: Journal) -> None:
    with fault_in_place(target, service_down(target, "Redis stopped", "redis", abruptly=False), LEASE) as state:
        assert not fake.running["redis"]
    assert fake.running["redis"]
    assert (state.remains, state.ended_by) == (None, None)
    assert state.injected <= state.removal_began <= state.removal_ended
    assert [entry.event for entry in journal.read().entries] == ["intended", "in", "out"]
    assert watchdogs() == []


@pytest.mark.parametrize("problem", [RuntimeError, KeyboardInterrupt, SystemExit], ids=lambda kind: str(kind.__name__))
@pytest.mark.parametrize("where", ["while it goes in", "while it is in"])
def test_the_fault_comes_out_whatever_ends_the_drill(
    fake: FakePlatform, target: Target, journal: Journal, problem: type[BaseException], where: str
) -> None:
    def inject() -> None:
        target.runtime.stop("redis")
        if where == "while it goes in":
            raise problem

    with pytest.raises(problem), fault_in_place(target, replace(_fault(inject), late_seconds=0.5), LEASE):
        raise problem
    assert fake.running["redis"]
    wait_until(lambda: not journal.read().open_faults and not watchdogs())


def test_the_watchdog_of_a_fault_that_crashed_ends_before_the_next_fault(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    def inject() -> None:
        raise FileNotFoundError("/srv/exam")

    with pytest.raises(FileNotFoundError), fault_in_place(target, replace(_fault(inject), late_seconds=1.0), LEASE):
        pytest.fail("the fault went in")
    assert watchdogs() == []
    assert not journal.read().open_faults


def test_a_fault_that_comes_after_it_was_interrupted_does_not_stay(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    """Ctrl-C while a graceful stop is under way, which goes on without whoever asked for it."""
    fake.slow_stop = 1.0

    def inject() -> None:
        target.runtime.stop("redis")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), fault_in_place(target, replace(_fault(inject), late_seconds=2.5), LEASE):
        pytest.fail("the drill went on")
    wait_until(lambda: not journal.read().open_faults)
    assert fake.running["redis"]
    assert fake.asked.count("start redis") > 2


def test_no_fault_goes_in_where_its_service_is_down_already(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    fake.running["redis"] = False
    reason = "the fault was not put in, because its watchdog could not undo it: before the fault: not running: redis"
    with pytest.raises(Unmeasurable, match=reason), fault_in_place(target, _fault(lambda: None), LEASE):
        pytest.fail("the fault went in")
    assert fake.asked == []
    assert not journal.path.exists()


def test_no_fault_goes_in_where_the_journal_cannot_be_written(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    journal.path.parent.parent.mkdir(parents=True, exist_ok=True)
    journal.path.parent.write_text("a file where a folder is wanted")
    fault = service_down(target, "Redis stopped", "redis", abruptly=False)
    with pytest.raises(Unmeasurable, match=r"the fault journal .* cannot be"), fault_in_place(target, fault, LEASE):
        pytest.fail("the fault went in")
    assert fake.asked == []


def test_what_does_not_come_back_is_told_with_the_command_for_a_person(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    with fault_in_place(target, service_down(target, "Redis stopped", "redis", abruptly=False), 2) as state:
        fake.refuses = "out of memory"
    assert state.remains is not None
    assert state.remains.startswith("not running: redis; the platform's control did not do it: out of memory; ")
    assert "start redis by hand, then run: python -m pytest_examday heal --env staging" in state.remains
    assert f"FAULT NOT SHOWN TO BE GONE: Redis stopped: {state.remains}" in _said(target)
    assert len(journal.read().open_faults) == 1
    fake.refuses = None
    wait_until(lambda: not journal.read().open_faults)
    assert journal.read().ended_by(journal.read().entries[0].id) == "watchdog: the lease ran out"


def test_a_start_that_only_claims_to_have_worked_is_no_end(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    with fault_in_place(target, service_down(target, "Redis stopped", "redis", abruptly=False), 2) as state:
        fake.pretends = True
    assert state.remains is not None
    assert state.remains.startswith("not running: redis; start redis by hand")
    fake.pretends = False
    wait_until(lambda: not journal.read().open_faults)


def test_a_drill_that_outlives_its_lease_is_told_who_ended_its_fault(fake: FakePlatform, target: Target) -> None:
    with fault_in_place(target, service_down(target, "Redis stopped", "redis", abruptly=False), 0.5) as state:
        wait_until(lambda: fake.running["redis"])
        time.sleep(0.3)
    assert state.ended_by == "watchdog: the lease ran out"
    assert "watchdog (the lease ran out): Redis stopped (redis)" in _said(target)


def test_a_watchdog_that_dies_is_told_and_the_fault_comes_out_all_the_same(fake: FakePlatform, target: Target) -> None:
    with fault_in_place(target, service_down(target, "Redis stopped", "redis", abruptly=False), LEASE) as state:
        (watchdog,) = watchdogs()
        watchdog.kill()
        watchdog.wait(5)
    assert fake.running["redis"]
    assert (state.remains, state.ended_by) == (None, None)
    assert "the watchdog of 'Redis stopped' died while the fault was in; see logs/watchdog.log" in _said(target)


def test_what_an_earlier_drill_left_in_is_taken_out_first(fake: FakePlatform, target: Target, journal: Journal) -> None:
    journal.note(intended(target, "left", "postgres"))
    fake.running["postgres"] = False
    with fault_in_place(target, _fault(lambda: None), LEASE):
        assert fake.running["postgres"]
    assert "taken out, postgres is back" in _said(target)


def test_no_fault_goes_in_while_an_earlier_one_does_not_go(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    journal.note(intended(target, "left", "postgres"))
    fake.running["postgres"] = False
    fake.refuses = "disk full"
    with (
        pytest.raises(Unmeasurable, match=r"an earlier rehearsal left a fault behind: .*disk full; start postgres by"),
        fault_in_place(target, _fault(lambda: pytest.fail("the fault went in")), LEASE),
    ):
        pytest.fail("the drill went on")


def test_a_remaining_fault_of_the_same_run_does_not_stop_later_drills(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    """The verdict is NO-GO by it already; what else is wrong is worth knowing."""
    with fault_in_place(target, service_down(target, "worker killed", "worker-2", abruptly=True), 3):
        fake.refuses = "it will not"
    workers = target.runtime.workers()
    with fault_in_place(
        target, service_down(target, "restart", "backend", abruptly=False, parts=workers), LEASE
    ) as state:
        fake.refuses = None
    assert state.remains is None
    wait_until(lambda: not journal.read().open_faults)


def test_a_watchdog_shows_no_secret_to_those_who_list_processes(target: Target) -> None:
    with fault_in_place(target, _fault(lambda: None), LEASE):
        (watchdog,) = watchdogs()
        assert watchdog.cmdline()[1:] == ["-m", "pytest_examday.faults.watchdog"]
        assert watchdog.pid != psutil.Process().pid
    texts = [path.read_text(errors="replace") for path in target.files.directory.rglob("*") if path.is_file()]
    assert texts
    assert not any("secret-of" in text for text in texts)
