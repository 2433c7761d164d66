"""Starting, ending, and starting again."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.postgres import Postgres
from pytest_examday.platform import cli
from tests.platform.platform_harness import Platform, command, environment, processes_of
from tests.waiting import wait_until


def _refusal(*arguments: object) -> str:
    """The one line with which a start is refused."""
    done = subprocess.run(
        command(*arguments), env=environment(), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything(tmp_path: Path, ending: signal.Signals) -> None:
    running = Platform(tmp_path, "--workers", 1)
    control = Path(running.state["control"])
    assert len(processes_of(tmp_path)) >= 4
    assert running.end(ending) == 0
    assert running.errors == ""
    assert processes_of(tmp_path) == []
    assert not (tmp_path / "platform.json").exists()
    assert not control.parent.exists()


def test_a_killed_platform_leaves_no_process_and_its_data_is_taken_over(tmp_path: Path) -> None:
    first = Platform(tmp_path)
    candidate = first.candidate()
    session = candidate.create()
    assert candidate.answer(session, choice="B").status_code == 200
    first.end(signal.SIGKILL)
    wait_until(lambda: processes_of(tmp_path) == [])
    second = Platform(tmp_path)
    try:
        assert second.state["candidates"] == first.state["candidates"]
        assert not Path(first.state["control"]).exists()
        again = second.login(candidate.email, second.state["candidates"]["password"])
        assert again.view(session).json()["answers"][0]["choice"] == "B"
    finally:
        second.end()


def test_the_state_file_is_private_complete_and_follows_every_change(platform: Platform) -> None:
    path = platform.directory / "platform.json"
    assert path.stat().st_mode & 0o777 == 0o600
    state = json.loads(path.read_text())
    assert state == platform.control.status()
    assert state["schema"] == "examday/platform/1"
    assert all(Path(name).is_file() for name in state["log_files"])
    assert state["pool"] == {"size": 8, "max_overflow": 2, "workers": 2}
    os.kill(state["workers"]["worker-2"], signal.SIGKILL)
    wait_until(lambda: json.loads(path.read_text())["workers"]["worker-2"] is None)
    platform.control.start("worker-2")
    assert json.loads(path.read_text())["workers"]["worker-2"] not in {None, state["workers"]["worker-2"]}


def test_the_auditor_reads_everything_and_writes_nothing(platform: Platform) -> None:
    assert platform.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'worker-1'")[0][0]
    for table in ("users", "exam_sessions", "session_answers", "attempt_events", "refresh_tokens"):
        platform.query(f"SELECT * FROM {table} LIMIT 1")
    with pytest.raises(Exception, match=r"read-only|permission denied"):
        platform.query("INSERT INTO themes (id, name) VALUES (99, 'x') RETURNING id")


def test_a_second_platform_on_the_same_directory_is_refused(platform: Platform) -> None:
    line = _refusal("--dir", platform.directory)
    assert f"already running on {platform.directory} (pid {platform.process.pid})" in line
    assert platform.client().get("/health").status_code == 200


def test_a_port_that_is_taken_is_refused(platform: Platform, tmp_path: Path) -> None:
    port = platform.state["api_url"].rpartition(":")[2]
    assert f"port {port}" in _refusal("--dir", tmp_path, "--port", port)
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "in use" in _refusal("--dir", tmp_path, "--port", other.getsockname()[1])


def test_a_directory_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "cannot use" in _refusal("--dir", tmp_path / "file" / "below")


def test_a_folder_with_files_of_somebody_else_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text("def test_mine(): pass\n")
    assert "is not empty and holds no platform; choose an empty or new folder" in _refusal("--dir", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["test_mine.py"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--dir"),
        (("--dir", "x", "--workers", "none"), "--workers"),
        (("--dir", "x", "--port", "70000"), "--port"),
        (("--dir", "x", "--exam-mode", "maybe"), "--exam-mode"),
        (("--dir", "x", "--app", "nothing"), "--app"),
        (("--dir", "x", "--unknown"), "--unknown"),
    ],
)
def test_wrong_arguments_are_named(arguments: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert named in lines[0]


def test_missing_packages_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_PACKAGES", ("psycopg", "no_such_package"))
    assert cli.main(["--dir", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "missing packages: no_such_package" in error
    assert "pytest-examday[local]" in error


def test_a_user_without_a_name_cannot_start_postgresql_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(LocalServerError, match="PostgreSQL needs a user with a name, and user 54321 has none"):
        Postgres(tmp_path, tmp_path / "log", 1, "secret", 10).prepare()


def test_an_application_that_cannot_be_loaded_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    line = _refusal("--dir", tmp_path, "--app", "no_such_module:create_app")
    assert "worker-1" in line or "worker-2" in line
    assert processes_of(tmp_path) == []
    assert "no_such_module" in (tmp_path / "logs" / "worker-1.log").read_text()


def test_the_platform_ends_with_the_process_that_it_watches(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as watched:
        running = Platform(tmp_path, "--workers", 1, "--watch-pid", watched.pid)
        watched.communicate(b"\n")
    assert running.process.wait(20) == 0
    assert processes_of(tmp_path) == []


def test_the_control_socket_can_shut_the_platform_down(tmp_path: Path) -> None:
    running = Platform(tmp_path, "--workers", 1)
    running.control.shutdown()
    assert running.process.wait(20) == 0
    assert processes_of(tmp_path) == []
