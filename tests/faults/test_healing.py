"""The next run's first act: what an earlier one left in is taken out and read back, or told with what to do."""

import json
import threading
import time
from pathlib import Path

import psutil
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults import healing
from pytest_examday.faults.healing import (
    heal,
    heal_all,
    heal_patiently,
    healing_lock,
)
from pytest_examday.faults.journal import Journal
from pytest_examday.faults.leftovers import take_out_leftovers
from pytest_examday.faults.undo import Undo
from pytest_examday.suites import preflight
from pytest_examday.target.target import Target
from tests.faults.fake_platform import FakePlatform
from tests.faults.journal_lines import happened, intended
from tests.waiting import wait_until


def _next_run(fake: FakePlatform) -> Target:
    return fake.target("the-next-run")


def test_another_run_directory_finds_the_fault(fake: FakePlatform, target: Target, journal: Journal) -> None:
    journal.note(intended(target))
    fake.running["redis"] = False
    lines = take_out_leftovers(_next_run(fake), "the next run")
    assert fake.running["redis"]
    assert len(lines) == 1
    assert lines[0].startswith("Redis stopped (redis), put in by ")
    assert lines[0].endswith(": taken out, redis is back")
    assert not journal.path.exists(), "nothing is open any more"


def test_a_fault_that_went_in_after_it_was_taken_out_is_taken_out_again(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    journal.note(intended(target))
    journal.note(happened("out", by="watchdog: the lease ran out"))
    journal.note(happened("in"))
    fake.running["redis"] = False
    (line,) = take_out_leftovers(_next_run(fake), "the next run")
    assert line.endswith(": taken out, redis is back")
    assert fake.running["redis"]


def test_preflight_does_it_before_it_looks_at_anything(fake: FakePlatform, target: Target, journal: Journal) -> None:
    journal.note(intended(target))
    fake.running["redis"] = False
    with pytest.raises(Unmeasurable, match="does not reply"):  # the fake has no API
        preflight.gather(_next_run(fake))
    assert fake.running["redis"]


def test_the_ends_are_written_into_the_run_that_left_it(fake: FakePlatform, target: Target, journal: Journal) -> None:
    journal.note(intended(target))
    take_out_leftovers(_next_run(fake), "the next run")
    ends = [json.loads(line) for line in (target.files.directory / "faults.jsonl").read_text().splitlines()]
    assert (ends[-1]["event"], ends[-1]["by"]) == ("out", "the next run")


def test_a_run_that_is_sealed_by_its_manifest_is_left_as_it_is(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    journal.note(intended(target))
    (target.files.directory / "manifest.json").write_text("{}")
    before = (target.files.directory / "faults.jsonl").read_bytes()
    take_out_leftovers(_next_run(fake), "the next run")
    assert (target.files.directory / "faults.jsonl").read_bytes() == before


def test_nothing_is_touched_where_nothing_was_left(fake: FakePlatform) -> None:
    assert take_out_leftovers(_next_run(fake), "the next run") == ()
    assert fake.asked == []


def test_several_faults_are_taken_out_the_newest_first(fake: FakePlatform, target: Target, journal: Journal) -> None:
    for name, service in (("one", "postgres"), ("two", "redis")):
        journal.note(intended(target, name, service))
        fake.running[service] = False
    take_out_leftovers(_next_run(fake), "the next run")
    assert fake.asked == ["start redis", "start postgres"]


def test_one_that_does_not_go_keeps_nobody_from_the_others(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    journal.note(intended(target, "one", "redis"))
    journal.note(intended(target, "two", "unheard-of", undo=Undo(action="explode", arguments={})))
    fake.running["redis"] = False
    with pytest.raises(
        Unmeasurable,
        match=r"unknown undo 'explode'; valid: .*; bring unheard-of back by hand, then",
    ):
        take_out_leftovers(_next_run(fake), "the next run")
    assert fake.running["redis"]
    assert [fault.id for fault in journal.read().open_faults] == ["two"]


def test_a_cut_line_is_told_and_dropped_and_the_rest_is_healed(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    journal.note(intended(target))
    fake.running["redis"] = False
    with journal.path.open("ab") as file:
        file.write(b'{"event": "intended", "t": 17')
    lines = take_out_leftovers(_next_run(fake), "the next run")
    assert lines[0].endswith("its last line was cut short by a crash; no fault goes in before its line is whole")
    assert lines[1].endswith("taken out, redis is back")
    assert not journal.path.exists()


def test_a_damaged_line_is_never_guessed_at_and_the_rest_is_healed(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    journal.note(intended(target))
    fake.running["redis"] = False
    journal.path.write_bytes(b"\x00\x00\n" + journal.path.read_bytes())
    with pytest.raises(Unmeasurable, match=r"line 1: damaged; .* look at the platform, then remove the file"):
        take_out_leftovers(_next_run(fake), "the next run")
    assert fake.running["redis"]
    assert journal.path.exists()


def test_a_fault_that_somebody_else_took_out_is_left_alone(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    fault = intended(target)
    journal.note(fault)
    journal.note(happened("out", by="heal, run by ada"))
    healed = heal(journal, fault, lambda: target.runtime, "watchdog")
    assert (healed.remains, healed.how) == (None, "already taken out by heal, run by ada")
    assert fake.asked == []


def test_a_fault_ends_with_the_embedded_platform_that_it_was_in(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    gone = psutil.Popen(["true"])
    began = gone.create_time()
    gone.wait()
    runtime_address = {"kind": "embedded", "state": str(fake.state), "supervisor": gone.pid, "began": began}
    journal.note(intended(target, runtime_address=runtime_address))
    lines = take_out_leftovers(_next_run(fake), "the next run")
    assert lines[0].endswith("ended with the embedded platform, which is not running any more")
    assert fake.asked == []


def test_a_state_file_that_is_gone_while_the_platform_lives_proves_nothing(
    fake: FakePlatform, target: Target, journal: Journal
) -> None:
    journal.note(intended(target))
    following = _next_run(fake)
    fake.state.unlink()
    with pytest.raises(Unmeasurable, match=r"no platform is running: .* does not exist; start redis by hand"):
        take_out_leftovers(following, "the next run")
    assert len(journal.read().open_faults) == 1


def test_a_stop_that_was_asked_for_and_is_done_late_does_not_stay(
    fake: FakePlatform, target: Target, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between asking for the fault and noting that it is in."""
    monkeypatch.setattr(healing, "_PAUSE_SECONDS", 0.05)
    journal.note(intended(target, t=time.time()))
    fake.slow_stop = 0.3
    target.runtime.stop("redis")
    take_out_leftovers(_next_run(fake), "the next run")
    assert fake.running["redis"]
    assert not journal.path.exists()


def test_trying_goes_on_for_as_long_as_there_is_patience(fake: FakePlatform, target: Target, journal: Journal) -> None:
    fault = intended(target)
    journal.note(fault)
    fake.running["redis"] = False
    fake.refuses = "not yet"
    threading.Timer(0.7, setattr, (fake, "refuses", None)).start()
    assert heal_patiently(journal, fault, lambda: target.runtime, "watchdog", 10).remains is None
    assert fake.running["redis"]


def test_patience_ends(fake: FakePlatform, target: Target, journal: Journal) -> None:
    fault = intended(target)
    journal.note(fault)
    fake.running["redis"] = False
    fake.refuses = "never"
    healed = heal_patiently(journal, fault, lambda: target.runtime, "watchdog", 1.2)
    assert "CANNOT BE SHOWN TO BE GONE: the platform's control did not do it: never; start redis by hand" in str(healed)
    assert [entry.event for entry in journal.read().entries] == ["intended", "remains"]


def test_two_healers_do_not_heal_at_the_same_time(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healing, "_WAIT_FOR_OTHERS_SECONDS", 0.1)
    inside = threading.Event()
    leave = threading.Event()

    def first() -> None:
        with healing_lock(journal):
            inside.set()
            leave.wait(5)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(5)
    with pytest.raises(Unmeasurable, match="somebody else is still taking out faults"), healing_lock(journal):
        pytest.fail("both are inside")
    leave.set()
    thread.join()
    with healing_lock(journal):
        wait_until(lambda: True)


def test_an_unreadable_journal_is_named(target: Target, tmp_path: Path) -> None:
    (tmp_path / "faults.jsonl").mkdir()
    with pytest.raises(Unmeasurable, match=r"faults.jsonl cannot be read: it is a folder"):
        heal_all(Journal(tmp_path / "faults.jsonl"), lambda fault: target.runtime, "heal", tmp_path)
