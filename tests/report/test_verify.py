"""`python -m pytest_examday verify`: status 0 only if a run directory holds a GO that its files bear out."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pytest_examday.__main__ import main
from pytest_examday.commands import verify
from pytest_examday.core.gate import GateResult
from tests.report import samples

Capture = pytest.CaptureFixture[str]
_NOW = samples.BEGAN + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _three_hours_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "now_utc", lambda: _NOW)


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """A run directory with a GO."""
    return samples.write_go(tmp_path / "run")


def _told(capsys: Capture, *arguments: str) -> tuple[int, list[str]]:
    """The exit status, and the lines that were printed."""
    status = main(["verify", *arguments])
    said = capsys.readouterr()
    return status, (said.out + said.err).splitlines()


def test_a_go_that_its_files_bear_out_has_status_0(go: Path, capsys: Capture) -> None:
    assert _told(capsys, str(go)) == (0, [f"GO: {go}: environment local, profile smoke"])


def test_the_latest_run_is_meant_by_default(go: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = go.parent
    (folder / "rehearsals").mkdir()
    (folder / "rehearsals" / "latest").symlink_to(go)
    monkeypatch.chdir(folder)
    assert _told(capsys)[0] == 0


def test_without_any_run_the_status_is_not_0(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert _told(capsys) == (1, ["NOT VERIFIED: rehearsals/latest: no such directory"])


def test_weaker_limits_and_the_embedded_platform_are_told_with_the_go(tmp_path: Path, capsys: Capture) -> None:
    run = samples.write_go(tmp_path / "run", weaker_limits=("p95_ms 25000 (default: 500)",), embedded=True)
    assert _told(capsys, str(run)) == (
        0,
        [
            f"GO: {run}: environment local (the embedded platform), profile smoke; "
            "limits weaker than the default ones: p95_ms 25000 (default: 500)"
        ],
    )


@pytest.mark.parametrize(
    "demands",
    [
        ("--env", "local"),
        ("--examday-profile", "smoke"),
        ("--examday-suite", "exam"),
        ("--max-age", "3h"),
        ("--max-age", "180m"),
        ("--max-age", "1d"),
        ("--env", "local", "--examday-profile", "smoke", "--examday-suite", "exam", "--max-age", "24h"),
    ],
)
def test_a_run_that_has_what_is_demanded_is_verified(go: Path, capsys: Capture, demands: tuple[str, ...]) -> None:
    assert _told(capsys, str(go), *demands)[0] == 0


@pytest.mark.parametrize(
    ("demand", "line"),
    [
        (("--env", "prod"), "environment local was rehearsed, and prod is demanded"),
        (("--examday-profile", "full"), "profile smoke was rehearsed, and full is demanded"),
        (("--examday-suite", "exam, webhooks"), "suite webhooks is demanded and was not judged; judged: exam"),
        (("--max-age", "179m"), "the rehearsal began 2026-01-15 08:30 UTC, longer ago than --max-age allows"),
        (("--max-age", "0s"), "the rehearsal began 2026-01-15 08:30 UTC, longer ago than --max-age allows"),
    ],
)
def test_what_is_demanded_and_is_not_so_is_told_in_one_line(
    go: Path, capsys: Capture, demand: tuple[str, str], line: str
) -> None:
    assert _told(capsys, str(go), *demand) == (1, [f"NOT VERIFIED: {go}: {line}"])


def test_everything_that_does_not_fit_is_told_at_once(go: Path, capsys: Capture) -> None:
    status, lines = _told(capsys, str(go), "--env", "prod", "--examday-profile", "full", "--max-age", "1h")
    assert (status, len(lines)) == (1, 3)


@pytest.mark.parametrize("age", ["", "soon", "24", "-1h", "1.5h", "99999999d", "24h\n"])
def test_an_age_that_cannot_be_is_a_usage_error(go: Path, capsys: Capture, age: str) -> None:
    status, lines = _told(capsys, str(go), f"--max-age={age}")
    assert status == 4
    assert "write a whole number and s, m, h or d, for instance 24h" in lines[-1]


def test_the_longest_age_that_can_be_given_is_no_traceback(go: Path, capsys: Capture) -> None:
    assert _told(capsys, str(go), "--max-age", "99999d")[0] == 0


def test_a_rehearsal_of_the_future_is_not_verified(go: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "now_utc", lambda: samples.BEGAN - timedelta(days=1))
    status, lines = _told(capsys, str(go), "--max-age", "24h")
    assert (status, lines) == (
        1,
        [f"NOT VERIFIED: {go}: the rehearsal is dated 2026-01-15 08:30 UTC, which is to come"],
    )


def _change(**fields: object) -> Callable[[Path], object]:
    def change(run: Path) -> None:
        path = run / "verdict.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))

    return change


def _write(name: str, text: str) -> Callable[[Path], object]:
    return lambda run: (run / name).write_text(text)


def _folder(run: Path) -> None:
    (run / "verdict.json").unlink()
    (run / "verdict.json").mkdir()


_DAMAGED = "verdict.json is damaged: "
BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (_write("verdict.json", ""), _DAMAGED + "it is no JSON"),
    "an empty object": (_write("verdict.json", "{}"), _DAMAGED + "schema is missing"),
    "a list": (_write("verdict.json", "[]"), _DAMAGED),
    "GO alone": (_write("verdict.json", '{"verdict": "GO"}'), _DAMAGED + "schema is missing"),
    "bytes": (lambda run: (run / "verdict.json").write_bytes(b"\xff\xfe"), _DAMAGED),
    "missing": (lambda run: (run / "verdict.json").unlink(), "verdict.json is missing"),
    "a folder": (_folder, "verdict.json cannot be read: it is a folder"),
    "an unknown schema": (
        _change(schema="examday/verdict/2"),
        _DAMAGED + "schema is 'examday/verdict/2'; valid: 'examday/verdict/1'",
    ),
    "another word": (_change(verdict="MAYBE"), _DAMAGED + "verdict is 'MAYBE'; valid: 'GO' or 'NO-GO'"),
    "no run.json": (lambda run: (run / "run.json").unlink(), "run.json cannot be read: No such file or directory"),
    "no folder at all": (shutil.rmtree, "no such directory"),
}
"""Verdicts that cannot be read."""


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("sealed", [False, True])
def test_a_verdict_that_cannot_be_read_is_told_in_one_line(go: Path, capsys: Capture, case: str, sealed: bool) -> None:
    change, line = BROKEN[case]
    change(go)
    if sealed and go.is_dir():
        samples.seal(go)
    status, lines = _told(capsys, str(go))
    assert (status, len(lines)) == (1, 1)
    assert line in lines[0]


_EVIDENCE = "evidence/load.json"
_CONTRADICTING: dict[str, tuple[Callable[[Path], object], str]] = {
    "NO-GO": (_change(verdict="NO-GO"), "verdict.json says NO-GO"),
    "GO in spite of an obstacle": (_change(obstacles=["x"]), "says GO, and its gates and obstacles say NO-GO"),
    "GO without a gate": (_change(gates=[]), "says GO, and its gates and obstacles say NO-GO"),
    "of another run": (_change(run="other"), "verdict.json is of run other, and run.json of run 2026"),
    "of another environment": (
        _change(environment="prod"),
        "is of environment prod, and run.json of environment local",
    ),
    "of another profile": (_change(profile="full"), "is of profile full, and run.json of profile smoke"),
    "judged from nothing": (_change(judged_sha256={}), "evidence/load.json was not judged: verdict.json does not name"),
    "evidence changed": (_write(_EVIDENCE, "{}"), "evidence/load.json was changed after the run, by verdict.json"),
    "evidence missing": (lambda run: (run / _EVIDENCE).unlink(), "evidence/load.json is missing, by verdict.json"),
    "evidence added": (_write("evidence/x.json", "{}"), "evidence/x.json was not judged"),
    "judged from a run that is not there": (
        _change(judged_from="/gone"),
        "it was judged from /gone, which is not there",
    ),
}
"""Verdicts that contradict themselves or what they were judged from, though the manifest fits."""


@pytest.mark.parametrize("case", _CONTRADICTING)
def test_a_verdict_that_its_files_do_not_bear_out_is_not_verified(go: Path, capsys: Capture, case: str) -> None:
    change, line = _CONTRADICTING[case]
    change(go)
    samples.seal(go)
    status, lines = _told(capsys, str(go))
    assert status == 1
    assert [told for told in lines if line in told]
    assert all(told.startswith(f"NOT VERIFIED: {go}: ") for told in lines)


@pytest.mark.parametrize("name", ["verdict.json", "run.json", "expected.json", "evidence/load.json", "faults.jsonl"])
def test_a_file_that_was_changed_after_the_run_is_named(go: Path, capsys: Capture, name: str) -> None:
    (go / name).write_text((go / name).read_text() + " ")
    status, lines = _told(capsys, str(go))
    assert status == 1
    assert f"NOT VERIFIED: {go}: {name} was changed after the run" in lines


@pytest.mark.parametrize("name", ["verdict.json", "run.json", "manifest.json", "evidence/load.json"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["a FIFO", "a device"])
def test_no_file_of_a_run_directory_is_read_without_end(
    go: Path, capsys: Capture, name: str, make: Callable[[Path], object]
) -> None:
    (go / name).unlink()
    make(go / name)
    status, lines = _told(capsys, str(go))
    assert status == 1
    assert all(line.startswith(f"NOT VERIFIED: {go}: ") and name in line for line in lines)


def test_a_verdict_by_which_a_gate_failed_is_not_verified_whatever_its_word(tmp_path: Path, capsys: Capture) -> None:
    failed = GateResult(name="zero-data-loss", outcome="fail", reason="7 answers lost")
    run = samples.write_go(tmp_path / "run", gates=(failed,))
    assert _told(capsys, str(run))[0] == 1


def test_a_run_without_manifest_is_not_verified(go: Path, capsys: Capture) -> None:
    (go / "manifest.json").unlink()
    status, lines = _told(capsys, str(go))
    assert (status, len(lines)) == (1, 1)
    assert "manifest.json is missing" in lines[0]


def test_notes_and_hidden_files_of_a_person_change_nothing(go: Path, capsys: Capture) -> None:
    (go / "notes.txt").write_text("of a person")
    (go / ".hidden").write_text("x")
    (go / "evidence" / ".hidden.json").write_text("x")
    assert _told(capsys, str(go))[0] == 0
