"""k6's console as ledger, samples and fates."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.load.k6.console_lines import ConsoleLines
from pytest_examday.load.k6.tail import Tail

INTENT = b'examday-ledger {"id":"k6-0-1","kind":"create","actor":"ada","sent_at":1.0,"sequence":0,"state":"intent"}\n'
FATE = b'examday-ledger {"id":"k6-0-1","state":"acknowledged","answered_at":1.5,"request_id":"ed-1"}\n'
SAMPLE = b'examday-sample ["create","ada",1.0,500.0,201,"ok","ed-1",500.0]\n'
DONE = b'examday-done {"candidate":0,"writes":1,"requests":1,"lags_ms":[0,3,1]}\n'


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[ConsoleLines]:
    """A console that nothing was read of yet."""
    with ConsoleLines(tmp_path / "ledger", tmp_path / "samples", tmp_path / "fates") as reading:
        yield reading


def test_each_kind_of_line_goes_to_its_file_in_order(lines: ConsoleLines, tmp_path: Path) -> None:
    lines.take([INTENT, SAMPLE, FATE, DONE, b'examday-fate {"candidate":"ada"}\n'])
    assert (tmp_path / "ledger").read_bytes() == (INTENT + FATE).replace(b"examday-ledger ", b"")
    assert (tmp_path / "samples").read_bytes() == SAMPLE.replace(b"examday-sample ", b"")
    assert (tmp_path / "fates").read_bytes() == b'{"candidate":"ada"}\n'


def test_what_others_say_on_the_console_is_left_aside(lines: ConsoleLines, tmp_path: Path) -> None:
    lines.take([b"hello\n", b"examday-other {}\n", b"\xff\xfe\n"])
    assert (tmp_path / "ledger").read_bytes() == b""
    assert lines.gap is None


def test_what_candidates_counted_and_what_is_there_are_held_together(lines: ConsoleLines) -> None:
    lines.take([INTENT, FATE, SAMPLE, DONE])
    assert lines.gap is None
    assert (lines.writes, lines.requests, lines.done) == (1, 1, 1)


def test_a_lost_line_is_a_gap(lines: ConsoleLines) -> None:
    lines.take([INTENT, FATE, DONE])
    assert lines.gap == "actors made 1 writes and 1 requests, and k6's console has 1 and 0"


def test_lags_are_those_of_all_candidates(lines: ConsoleLines) -> None:
    assert lines.lags() == (None, None)
    lines.take([DONE, DONE.replace(b"[0,3,1]", b"[40]")])
    assert lines.lags() == (40, 40)


def test_of_several_runners_the_exam_began_with_the_first(lines: ConsoleLines) -> None:
    lines.take([b'examday-begun {"plan":"a","begun":3500}\n', b'examday-begun {"plan":"a","begun":3200}\n'])
    assert (lines.plan, lines.begun) == ("a", 3.2)


def test_two_plans_are_no_load(lines: ConsoleLines) -> None:
    with pytest.raises(Unmeasurable, match="these are results of two plans, a and b"):
        lines.take([b'examday-begun {"plan":"a","begun":1}\n', b'examday-begun {"plan":"b","begun":1}\n'])


def test_a_damaged_line_is_unmeasurable(lines: ConsoleLines) -> None:
    with pytest.raises(Unmeasurable, match="damaged line"):
        lines.take([b'examday-done {"candidate":0,\n'])


def test_a_tail_waits_for_the_end_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "console.log"
    tail = Tail(path)
    assert (tail.lines(), tail.changed_at) == ([], 0.0)
    path.write_bytes(b"one\ntw")
    assert tail.lines() == [b"one\n"]
    with path.open("ab") as file:
        file.write(b"o\n")
    assert tail.lines() == [b"two\n"]
    assert tail.lines() == []
    assert tail.changed_at > 0
