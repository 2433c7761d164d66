"""The ledger: readable after a crash at any byte, and loud about damage anywhere else."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.load.ledger import (
    LedgerWriter,
    Write,
    count_writes,
    replay,
)

texts = st.text(max_size=12)


def _three(path: Path) -> bytes:
    """A session created, an answer acknowledged, a second one without an answer; returns the file's bytes."""
    ledger = LedgerWriter(path)
    created = ledger.intend("create", "ada", "user-1", None, "key-1")
    ledger.settle(created, "acknowledged", "ed-1", subject="s-1")
    first = ledger.intend("answer", "ada", "user-1", "s-1", "q1", "Ä", 1)
    ledger.settle(first, "acknowledged", "ed-2")
    ledger.intend("answer", "ada", "user-1", "s-1", "q2", "B", 2)
    ledger.close()
    return path.read_bytes()


def test_what_was_written_is_read_in_the_order_of_sending(tmp_path: Path) -> None:
    _three(tmp_path / "load.ledger.jsonl")
    created, first, second = list(replay(tmp_path / "load.ledger.jsonl"))
    assert (created.kind, created.subject, created.key, created.state) == ("create", "s-1", "key-1", "acknowledged")
    assert (first.key, first.value, first.sequence, first.request_id) == ("q1", "Ä", 1, "ed-2")
    assert (second.key, second.state, second.answered_at) == ("q2", "unknown", None)


def test_an_intent_is_on_disk_before_the_write_is_sent(tmp_path: Path) -> None:
    ledger = LedgerWriter(tmp_path / "l.jsonl")
    ledger.intend("answer", "ada", None, "s-1", "q1", "A", 1)
    assert [write.state for write in list(replay(tmp_path / "l.jsonl"))] == ["unknown"]
    ledger.close()


@pytest.mark.parametrize("state", ["acknowledged", "refused", "unknown"])
def test_a_fate_is_kept_with_what_the_answer_gave_back(tmp_path: Path, state: str) -> None:
    ledger = LedgerWriter(tmp_path / "l.jsonl")
    ledger.settle(ledger.intend("submit", "ada", None, "s-1"), state, "ed-9", result="12")  # type: ignore[arg-type]
    ledger.close()
    (write,) = list(replay(tmp_path / "l.jsonl"))
    assert (write.state, write.request_id, write.result) == (state, "ed-9", "12")


def test_a_file_that_is_cut_at_any_byte_has_only_fates_that_were_written(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    whole = _three(path)
    ended = {write.id: write for write in list(replay(path))}
    lines = [json.loads(line) for line in whole.splitlines()]
    ends = [index + 1 for index, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        there = lines[: sum(length >= end - 1 for end in ends)]
        settled = {line["id"] for line in there if line["state"] != "intent"}
        read = {write.id: write for write in list(replay(path))}
        assert set(read) == {line["id"] for line in there}
        for name, write in read.items():
            assert write.state == (ended[name].state if name in settled else "unknown")


@given(data=st.data())
def test_any_writes_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("ledger") / "l.jsonl"
    ledger = LedgerWriter(path)
    given_writes: list[Write] = []
    for _ in range(data.draw(st.integers(0, 5))):
        key, value, number = data.draw(texts), data.draw(texts), data.draw(st.integers(0, 99))
        given_writes.append(ledger.intend("answer", data.draw(texts), None, data.draw(texts), key, value, number))
    ledger.close()
    assert [(w.actor, w.subject, w.key, w.value, w.sequence) for w in list(replay(path))] == [
        (w.actor, w.subject, w.key, w.value, w.sequence) for w in given_writes
    ]


DAMAGE = [b'{"id":"x","ki', b"\x00\x00", b"\xff\xfe", b"[]", b"3", b'"text"', b"{}", b'{"id":"new","state":"refused"}']


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("line", [1, 2, 3, 5])
def test_damage_before_the_last_line_is_an_error_that_names_file_and_line(
    tmp_path: Path, damage: bytes, line: int
) -> None:
    path = tmp_path / "l.jsonl"
    lines = _three(path).splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[: line - 1], damage + b"\n", *lines[line - 1 :]]))
    with pytest.raises(ValueError, match=f"l.jsonl: line {line} is damaged"):
        list(replay(path))


def test_a_damaged_last_line_that_was_written_whole_is_an_error_too(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    path.write_bytes(_three(path) + b'{"id":"x"\n')
    with pytest.raises(ValueError, match="line 6 is damaged"):
        list(replay(path))


def test_an_empty_ledger_holds_no_write(tmp_path: Path) -> None:
    (tmp_path / "l.jsonl").touch()
    assert list(replay(tmp_path / "l.jsonl")) == []


def test_ids_of_two_ledgers_never_meet(tmp_path: Path) -> None:
    ids = set()
    for name in ("load.ledger.jsonl", "drill_backend_restart.ledger.jsonl"):
        ledger = LedgerWriter(tmp_path / name)
        ids.add(ledger.intend("create", "ada", None, None).id)
        ledger.close()
    assert len(ids) == 2


def test_writes_are_counted_by_how_they_ended(tmp_path: Path) -> None:
    _three(tmp_path / "l.jsonl")
    counts = count_writes(list(replay(tmp_path / "l.jsonl")))
    assert (counts.attempted, counts.acknowledged, counts.refused, counts.unknown) == (3, 2, 0, 1)


def test_writes_that_overlap_are_given_in_the_order_of_sending(tmp_path: Path) -> None:
    ledger = LedgerWriter(tmp_path / "l.jsonl")
    sent = [ledger.intend("answer", "ada", None, "s-1", f"q{number}", "A", number) for number in range(4)]
    for number in (2, 0, 3):
        ledger.settle(sent[number], "acknowledged", f"ed-{number}")
    ledger.close()
    read = [(write.key, write.state) for write in replay(tmp_path / "l.jsonl")]
    assert read == [("q0", "acknowledged"), ("q1", "unknown"), ("q2", "acknowledged"), ("q3", "acknowledged")]


def test_a_write_is_given_as_soon_as_its_fate_is_read(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    path.write_bytes(_three(path) + b"damage\n")
    writes = replay(path)
    assert [next(writes).key, next(writes).key] == ["key-1", "q1"]
    with pytest.raises(ValueError, match="line 6 is damaged"):
        next(writes)


def test_a_second_fate_of_one_write_is_damage(tmp_path: Path) -> None:
    ledger = LedgerWriter(tmp_path / "l.jsonl")
    write = ledger.intend("submit", "ada", None, "s-1")
    ledger.settle(write, "acknowledged", "ed-1")
    ledger.settle(write, "refused", "ed-2")
    ledger.close()
    with pytest.raises(ValueError, match="line 3 is damaged"):
        list(replay(tmp_path / "l.jsonl"))


def test_ids_that_a_platform_gives_as_numbers_are_kept_as_text(tmp_path: Path) -> None:
    ledger = LedgerWriter(tmp_path / "l.jsonl")
    write = ledger.intend("answer", "ada", 7, 8, 9, "A", 1)  # type: ignore[arg-type] # as JSON has them
    ledger.settle(write, "acknowledged", "ed-1")
    created = ledger.intend("create", "ada", None, None)
    ledger.settle(created, "acknowledged", "ed-2", subject=8)  # type: ignore[arg-type] # as JSON has it
    ledger.close()
    answered, opened = list(replay(tmp_path / "l.jsonl"))
    assert (answered.owner, answered.subject, answered.key, opened.subject) == ("7", "8", "9", "8")


def test_half_of_a_surrogate_pair_that_a_platform_sent_comes_back_as_it_was(tmp_path: Path) -> None:
    ledger = LedgerWriter(tmp_path / "l.jsonl")
    ledger.intend("answer", "ada", None, "s-1", "q1", "\ud83d", 1)
    ledger.close()
    assert [write.value for write in list(replay(tmp_path / "l.jsonl"))] == ["\ud83d"]


def test_an_intent_that_the_disk_does_not_take_is_an_error_before_anything_is_sent() -> None:
    ledger = LedgerWriter(Path("/dev/full"))
    with pytest.raises(OSError, match="No space left"):
        ledger.intend("answer", "ada", None, "s-1", "q1", "A", 1)
    ledger.close()


@contextmanager
def _no_file_above(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_that_the_disk_takes_in_part_is_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    ledger = LedgerWriter(path)
    first = ledger.intend("answer", "ada", None, "s-1", "q1", "A", 1)
    whole = path.read_bytes()
    with _no_file_above(len(whole) + 10), pytest.raises(OSError, match="only a part of a line"):
        ledger.intend("answer", "ada", None, "s-1", "q2", "B", 2)
    with pytest.raises(OSError, match="nothing may follow"):
        ledger.settle(first, "acknowledged", "ed-1")
    ledger.close()
    assert len(path.read_bytes()) == len(whole) + 10
    assert [(write.key, write.state) for write in list(replay(path))] == [("q1", "unknown")]


def test_each_line_is_one_whole_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = LedgerWriter(tmp_path / "l.jsonl")
    file = create_autospec(ledger._file, instance=True)
    file.write.side_effect = len
    monkeypatch.setattr(ledger, "_file", file)
    ledger.settle(ledger.intend("submit", "ada", None, "s-1"), "acknowledged", "ed-1", result="12")
    lines = [call.args[0] for call in file.write.call_args_list]
    assert [line.count(b"\n") for line in lines] == [1, 1]
    assert all(line.endswith(b"\n") for line in lines)
    ledger.close()
