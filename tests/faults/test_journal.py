"""Every fault is on disk with its undo before it goes in, and open until its end is written; damage hides nothing."""

import json
import os
from pathlib import Path

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.journal import Journal
from pytest_examday.target.target import Target
from tests.faults.journal_lines import happened, intended


def test_a_fault_is_open_until_its_end_is_written(target: Target, journal: Journal) -> None:
    journal.note(intended(target))
    assert [fault.id for fault in journal.read().open_faults] == ["one"]
    journal.note(happened("in"))
    journal.note(happened("remains"))
    assert [fault.id for fault in journal.read().open_faults] == ["one"]
    journal.note(happened("out", by="watchdog"))
    assert journal.read().open_faults == ()
    assert journal.read().ended_by("one") == "watchdog"


def test_a_fault_that_went_in_after_it_was_shown_to_be_gone_is_open_again(target: Target, journal: Journal) -> None:
    """Of a process that stood still until its lease was over, and went on."""
    journal.note(intended(target))
    journal.note(happened("out", by="watchdog: the lease ran out"))
    journal.note(happened("in"))
    assert [fault.id for fault in journal.read().open_faults] == ["one"]
    assert journal.read().ended_by("one") == "watchdog: the lease ran out", "what the drill measured is nothing"
    journal.note(happened("out"))
    assert journal.read().open_faults == ()


def test_what_a_fresh_process_reads_is_what_was_written(target: Target, journal: Journal) -> None:
    fault = intended(target)
    journal.note(fault)
    assert Journal(journal.path).read().open_faults == (fault,)


def test_a_line_is_synced_before_noting_it_returns(
    target: Target, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    journal.note(intended(target))
    assert str(journal.path) in synced
    assert str(journal.path.parent) in synced, "a new file is safe only with its folder"


def test_a_fault_whose_end_belongs_to_another_is_open(target: Target, journal: Journal) -> None:
    journal.note(intended(target, "one"))
    journal.note(intended(target, "two"))
    journal.note(happened("out", "two"))
    assert [fault.id for fault in journal.read().open_faults] == ["one"]


def test_there_is_nothing_open_without_a_file(tmp_path: Path) -> None:
    reading = Journal(tmp_path / "faults.jsonl").read()
    assert (reading.open_faults, reading.damaged, reading.cut) == ((), (), False)


def test_a_journal_cut_at_any_byte_of_its_last_line_keeps_the_lines_before(target: Target, journal: Journal) -> None:
    journal.note(intended(target, "one"))
    whole = journal.path.stat().st_size
    journal.note(happened("out", "one"))
    content = journal.path.read_bytes()
    for cut in range(whole + 1, len(content) - 1):
        journal.path.write_bytes(content[:cut])
        reading = journal.read()
        assert [fault.id for fault in reading.open_faults] == ["one"], cut
        assert reading.cut
        assert reading.damaged == ()


def test_a_last_line_that_lacks_only_its_line_break_counts(target: Target, journal: Journal) -> None:
    journal.note(intended(target))
    journal.note(happened("out"))
    journal.path.write_bytes(journal.path.read_bytes().removesuffix(b"\n"))
    reading = journal.read()
    assert (reading.open_faults, reading.cut) == ((), False)


def test_what_is_noted_after_a_cut_line_stands_on_a_line_of_its_own(target: Target, journal: Journal) -> None:
    journal.note(intended(target, "one"))
    with journal.path.open("ab") as file:
        file.write(b'{"event": "inten')
    journal.note(intended(target, "two"))
    assert [fault.id for fault in journal.read().open_faults] == ["one", "two"]


@pytest.mark.parametrize("line", [b"\x00\x00\x00", b"[]", b'{"event": "gone"}', b'{"event": "in"}', b"{", b"\xff\xfe"])
def test_a_whole_line_that_cannot_be_read_is_told_with_its_number(
    target: Target, journal: Journal, line: bytes
) -> None:
    journal.note(intended(target))
    with journal.path.open("ab") as file:
        file.write(line + b"\n")
    journal.note(happened("in"))
    reading = journal.read()
    assert reading.damaged == (f"{journal.path}, line 2: damaged; it may have named a fault, which cannot be known",)
    assert [fault.id for fault in reading.open_faults] == ["one"]


def test_a_closed_journal_is_removed_and_an_open_or_damaged_one_kept(target: Target, journal: Journal) -> None:
    journal.note(intended(target))
    journal.forget_if_closed()
    assert journal.path.exists()
    journal.note(happened("out"))
    damaged = journal.path.read_bytes()
    journal.path.write_bytes(b"?\n" + damaged)
    journal.forget_if_closed()
    assert journal.path.exists()
    journal.path.write_bytes(damaged)
    journal.forget_if_closed()
    assert not journal.path.exists()


def test_a_copy_goes_into_the_run_directory(target: Target, journal: Journal) -> None:
    journal.note(intended(target))
    copy = target.files.directory / "faults.jsonl"
    assert copy != journal.path
    assert copy.read_bytes() == journal.path.read_bytes()


def test_a_journal_that_cannot_be_written_is_named(target: Target, tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("a file where a folder is wanted")
    journal = Journal(tmp_path / "in-the-way" / "faults.jsonl")
    with pytest.raises(Unmeasurable, match=r"the fault journal .*faults.jsonl cannot be written: "):
        journal.note(intended(target))


def test_a_full_disk_is_told_before_any_fault(
    target: Target, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", lambda descriptor, line: len(line) // 2)
    with pytest.raises(Unmeasurable, match="no space left for the whole line"):
        journal.note(intended(target))


def test_no_secret_of_the_platform_is_in_a_journal(target: Target, journal: Journal) -> None:
    journal.note(intended(target))
    assert "secret-of" not in journal.path.read_text()


def test_the_command_for_a_person_names_environment_and_configuration(target: Target) -> None:
    command = "python -m pytest_examday heal --env staging --examday-config /etc/exam/examday.toml"
    assert intended(target).by_hand == f"start redis by hand, then run: {command}"


def test_a_line_holds_what_a_fresh_process_needs(target: Target, journal: Journal) -> None:
    journal.note(intended(target))
    line = json.loads(journal.path.read_text())
    assert line["undo"] == {"action": "start", "arguments": {"service": "redis", "parts": []}}
    assert line["runtime_address"]["state"] == str(target.environment.runtime.state)  # type: ignore[union-attr] # attached
    assert {"id", "lease_until", "owner", "journal"} < set(line)
