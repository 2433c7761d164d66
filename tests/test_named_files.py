"""Only regular files of a limited size are read, and no name of a file or folder is a traceback."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_examday.__main__ import main
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.faults.journal import JOURNAL_FILE
from pytest_examday.load.k6.executable import find_k6
from pytest_examday.load.k6.k6_results import runner_logs
from pytest_examday.named_files import LONGEST, is_file, is_folder, read_file
from pytest_examday.runtimes.log_blocks import blocks_of
from pytest_examday.session.earlier_run import earlier_run

ENDLESS: dict[str, Callable[[Path], object]] = {
    "a FIFO": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": Path.mkdir,
}
NAMES = {
    "300 characters": "a" * 300,
    "5,000 characters": "b" * 5000,
    "5,000 characters in folders": "c/" * 2500,
    "NUL": "a\0b",
    "line feed": "a\nb",
    "line separator": "a\u2028b",
    "not UTF-8": "a\udcff",
    "ESC": "a\x1b[31mb",
}

Output = pytest.CaptureFixture[str]


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LONGEST + 1)


@pytest.mark.parametrize("make", ENDLESS.values(), ids=ENDLESS)
def test_what_is_no_regular_file_is_not_read(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "odd.log"
    make(path)
    with pytest.raises(OSError, match=r"it is no regular file|it is a folder"):
        read_file(path)
    with pytest.raises(Unmeasurable, match=r"^log file .*odd.log: (it is no regular file|it is a folder)$"):
        list(blocks_of(path))
    with pytest.raises(UsageProblem, match=r"odd.log is no regular file$"):
        runner_logs(tmp_path)


def test_a_file_of_any_length_is_not_read_whole(tmp_path: Path) -> None:
    _sparse(tmp_path / "sparse")
    with pytest.raises(OSError, match="it is longer than 256 MiB"):
        read_file(tmp_path / "sparse")


def test_a_link_to_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    assert (read_file(tmp_path / "link"), is_file(tmp_path / "link")) == (b"text", True)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_that_no_file_has_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert (is_folder(path), is_file(path)) == (False, False)
    with pytest.raises(OSError, match=r"\[Errno \d+\] \w+"):
        read_file(path)
    for refuse in (earlier_run, lambda name: find_k6(Path(name)), lambda name: runner_logs(Path(name))):
        with pytest.raises(UsageProblem) as problem:
            refuse(str(path))
        assert len(str(problem.value).splitlines()) == 1


@pytest.mark.parametrize("arguments", [["verify"], ["heal"], ["heal", "--env"], ["check", "--env"], ["init", "--into"]])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_an_argument_that_no_file_or_environment_is_called_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output, name: str, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*arguments, name]) in (1, 4)
    printed = capsys.readouterr().err
    assert len(printed.splitlines()) == 1
    assert "\x1b" not in printed


@pytest.mark.parametrize("make", ENDLESS.values(), ids=ENDLESS)
def test_a_journal_that_is_no_regular_file_is_one_line(
    tmp_path: Path, capsys: Output, make: Callable[[Path], object]
) -> None:
    make(tmp_path / JOURNAL_FILE)
    assert main(["heal", str(tmp_path)]) == 4
    assert "cannot be read: it is " in capsys.readouterr().err
