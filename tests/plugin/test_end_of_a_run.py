"""A run that a full disk or a signal ends has a verdict and a report all the same, and they say so."""

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_examday.errors import UsageProblem
from pytest_examday.run.run_directory import make_run_directory
from pytest_examday.run.store import EvidenceStore
from tests.plugin.conftest import Rehearse

_SIGTERM = "import os, signal, time\ndef test_a():\n    os.kill(os.{whom}(), signal.SIGTERM)\n    time.sleep(60)\n"


@pytest.mark.parametrize(("workers", "whom"), [("0", "getpid"), ("1", "getppid")], ids=["alone", "xdist"])
def test_sigterm_leaves_a_no_go_and_a_report(rehearse: Rehearse, workers: str, whom: str) -> None:
    run = rehearse("-n", workers, files={"test_mine.py": _SIGTERM.format(whom=whom)}, apart=True)
    assert run.exit_status == 143, run.output
    assert "VERDICT: NO-GO" in run.output
    assert "SIGTERM" in run.output
    assert run.verdict["verdict"] == "NO-GO"
    assert run.verdict["obstacles"] == ["the run was interrupted before its end"]
    assert workers == "1" or run.gate("zero-data-loss")["reason"] == "the run was interrupted before this gate"
    assert {"report.md", "report.html", "manifest.json"} <= {path.name for path in run.directory.iterdir()}


def test_a_child_that_a_test_has_forked_ends_by_its_signal(rehearse: Rehearse) -> None:
    mine = (
        "import os, signal, time\n"
        "def test_a():\n"
        "    for _ in range(30):\n"
        "        child = os.fork()\n"
        "        if child == 0:\n"
        "            time.sleep(60)\n"
        "            os._exit(0)\n"
        "        os.kill(child, signal.SIGTERM)\n"
        "        assert os.waitpid(child, 0)[1] == signal.SIGTERM\n"
    )
    run = rehearse("test_mine.py", files={"test_mine.py": mine}, apart=True)
    assert run.exit_status == 0, run.output


def test_a_signal_does_not_undo_a_verdict_that_was_told(rehearse: Rehearse) -> None:
    conftest = "import os, signal\ndef pytest_terminal_summary():\n    os.kill(os.getpid(), signal.SIGTERM)\n"
    run = rehearse("-m", "gates", files={"conftest.py": conftest}, apart=True)
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"
    assert (run.directory / "manifest.json").exists()


def test_the_verdict_is_written_before_it_is_told(rehearse: Rehearse) -> None:
    conftest = "import os, signal\ndef pytest_terminal_summary():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    run = rehearse("-m", "gates", files={"conftest.py": conftest}, apart=True)
    assert run.exit_status == -9
    assert run.verdict["verdict"] == "GO"
    assert (run.directory / "report.md").exists()


def _full_for(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The disk takes no file of this name."""
    replace = EvidenceStore.replace

    def full(store: EvidenceStore, path: Path, text: str) -> None:
        if path.name == name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        replace(store, path, text)

    monkeypatch.setattr(EvidenceStore, "replace", full)


@pytest.mark.parametrize("name", ["verdict.json", "report.md"])
def test_what_the_disk_does_not_take_is_a_no_go_that_says_so(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _full_for(monkeypatch, name)
    run = rehearse("-m", "gates")
    assert run.exit_status == 1, run.output
    assert "VERDICT: NO-GO" in run.output
    assert f"{name}: No space left on device" in run.output
    assert name == "verdict.json" or run.verdict["verdict"] == "NO-GO"


def test_a_manifest_that_the_disk_does_not_take_is_told_and_the_status_is_not_0(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    _full_for(monkeypatch, "manifest.json")
    run = rehearse("-m", "gates")
    assert run.exit_status == 1, run.output
    assert "manifest.json: No space left on device" in run.output
    assert "Traceback" not in run.output


def test_a_disk_that_a_run_fills_has_room_for_the_report(rehearse: Rehearse, tmp_path: Path) -> None:
    made = make_run_directory(str(tmp_path / "run"), "staging", "smoke", tmp_path)
    assert sum(path.stat().st_size for path in made.iterdir()) > 2**20, "room for a report"
    run = rehearse("-m", "gates")
    assert max(path.stat().st_size for path in run.directory.iterdir()) < 2**20, "the room was given back"


def test_a_disk_without_room_for_a_report_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_bytes", _no_space)
    with pytest.raises(UsageProblem, match="not writable: No space left on device"):
        make_run_directory(str(tmp_path / "run"), "staging", "smoke", tmp_path)


def test_a_small_disk_is_refused_with_the_room_that_a_run_needs_and_the_room_that_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_bytes", _no_space)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=600_000))
    with pytest.raises(UsageProblem) as problem:
        make_run_directory(str(tmp_path / "run"), "staging", "smoke", tmp_path)
    wanted = "a run needs 4.2 MB for its verdict and report, and 0.6 MB are free there"
    assert str(problem.value) == f"run directory {tmp_path / 'run'}: {wanted}"


def _no_space(path: Path, content: bytes) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_conductor_whose_name_is_no_utf_8_costs_no_report(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXAMDAY_CONDUCTED_BY", os.fsdecode(b"Ren\xe9"))
    run = rehearse("-m", "gates")
    assert run.exit_status == 0, run.output
    assert run.verdict["conducted_by"] == "Ren\N{REPLACEMENT CHARACTER}"
    assert (run.directory / "report.html").exists()
