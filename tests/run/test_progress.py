"""Live progress: a file that every process of a run appends to, shown at the terminal by one thread."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_examday.run.progress import LiveProgress, ProgressFile, Screen
from tests.waiting import wait_until

SAYER = """
import sys
from pathlib import Path
from pytest_examday.run.progress import ProgressFile
for number in range(200):
    ProgressFile(Path(sys.argv[1])).say(f"{sys.argv[2]} {number} " + "x" * 200)
"""


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The progress file."""
    return tmp_path / "progress.jsonl"


def _shown(path: Path, stream: io.StringIO, thin_seconds: float = 5.0) -> str:
    """What a thread shows that finds the file as it is."""
    live = LiveProgress(path, Screen(stream, lambda: 0, thin_seconds))
    live._began = 1000.0
    live.start()
    live.stop()
    assert not live.is_alive()
    return stream.getvalue()


def _line(text: str, at: float = 1000.0, *, passing: bool = False) -> str:
    return json.dumps({"t": at, "text": text, "passing": passing}) + "\n"


def test_lines_of_several_processes_stay_whole(path: Path) -> None:
    sayers = [subprocess.Popen([sys.executable, "-c", SAYER, str(path), name]) for name in "abc"]
    assert [sayer.wait(30) for sayer in sayers] == [0, 0, 0]
    said = [json.loads(line)["text"].split()[:2] for line in path.read_text().splitlines()]
    assert len(said) == 600
    for name in "abc":
        assert [int(number) for who, number in said if who == name] == list(range(200))


def test_a_line_is_shown_with_the_time_since_the_beginning(path: Path) -> None:
    path.write_text(_line("fault in: redis", 1083.4) + _line("before the clock", 990.0))
    assert _shown(path, io.StringIO()) == "[examday 01:23] fault in: redis\n[examday 00:00] before the clock\n"


def test_nothing_is_shown_where_nothing_was_said(path: Path) -> None:
    assert _shown(path, io.StringIO()) == ""


def test_lines_are_shown_while_the_run_goes_on_and_each_once(path: Path) -> None:
    stream, said = io.StringIO(), ProgressFile(path)
    live = LiveProgress(path, Screen(stream, lambda: 0))
    live.start()
    said.say("first")
    wait_until(lambda: "first" in stream.getvalue())
    said.say("second")
    wait_until(lambda: "second" in stream.getvalue())
    live.stop()
    assert (stream.getvalue().count("first"), stream.getvalue().count("second")) == (1, 1)


def test_what_was_said_last_is_shown_before_the_end(path: Path) -> None:
    stream, said = io.StringIO(), ProgressFile(path)
    live = LiveProgress(path, Screen(stream, lambda: 0))
    live.start()
    said.say("the last word")
    live.stop()
    assert "the last word" in stream.getvalue()


def test_a_torn_last_line_is_shown_when_it_is_whole(path: Path) -> None:
    whole = _line("first") + _line("second Ä")
    cut = len(_line("first").encode()) + 20
    path.write_bytes(whole.encode()[:cut])
    stream = io.StringIO()
    live = LiveProgress(path, Screen(stream, lambda: 0))
    live.show()
    assert "first" in stream.getvalue()
    assert "second" not in stream.getvalue()
    path.write_bytes(whole.encode())
    live.show()
    assert stream.getvalue().count("first") == 1
    assert stream.getvalue().count("second Ä") == 1


@pytest.mark.parametrize(
    "torn", ['{"t": 1, "te', '{"t": 1000.0, "text": "cut', "\x00\x00", "[]", "3", "{}", '{"t": "x", "text": 1}']
)
def test_what_a_killed_process_had_half_written_hides_no_later_line(path: Path, torn: str) -> None:
    path.write_text(_line("before") + torn + "\n" + _line("after"))
    assert _shown(path, io.StringIO()) == "[examday 00:00] before\n[examday 00:00] after\n"


def test_without_a_terminal_passing_lines_are_thinned_out(path: Path) -> None:
    path.write_text("".join(_line(f"tick {n}", 1000.0 + n, passing=True) for n in range(12)) + _line("done", 1012.0))
    assert _shown(path, io.StringIO()).splitlines() == [
        "[examday 00:00] tick 0",
        "[examday 00:05] tick 5",
        "[examday 00:10] tick 10",
        "[examday 00:12] done",
    ]


def test_without_a_terminal_nothing_is_written_over(path: Path) -> None:
    path.write_text(_line("tick", passing=True) + _line("done"))
    shown = _shown(path, io.StringIO())
    assert "\r" not in shown
    assert "\x1b" not in shown


def test_at_a_terminal_a_passing_line_is_replaced_by_the_next(path: Path) -> None:
    path.write_text(_line("tick 1", passing=True) + _line("tick 2", 1001.0, passing=True) + _line("done", 1002.0))
    assert _shown(path, _Terminal()) == (
        "[examday 00:00] tick 1\r\x1b[K[examday 00:01] tick 2\r\x1b[K[examday 00:02] done\n"
    )


def test_at_a_terminal_a_passing_line_does_not_outlive_the_run(path: Path) -> None:
    path.write_text(_line("started") + _line("tick", passing=True))
    assert _shown(path, _Terminal()) == "[examday 00:00] started\n[examday 00:00] tick\r\x1b[K"


def test_a_line_begins_anew_behind_what_pytest_wrote_and_only_then(path: Path) -> None:
    columns = iter([12, 12, 12, 12, 14, 14])
    stream = io.StringIO()
    screen = Screen(stream, lambda: next(columns))
    for text in ("first", "second", "third"):
        screen.lasting(text)
    assert stream.getvalue() == "\nfirst\nsecond\n\nthird\n"
