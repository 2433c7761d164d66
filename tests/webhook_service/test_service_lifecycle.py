"""Starting and ending the service, and what it says while a part is away."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pytest_examday.webhook_service import cli
from tests.waiting import wait_until

from .service_harness import Company, WebhookService, processes_of


def test_a_killed_service_leaves_no_process_and_its_data_are_taken_over_until_nobody_watches(tmp_path: Path) -> None:
    directory = tmp_path / "service"
    first = WebhookService(directory, "--companies", 1, "--workers", 1)
    sent = first.company()
    assert sent.send(sent.event("evt-kept")).status_code == 202
    first.end(signal.SIGKILL)
    wait_until(lambda: processes_of(directory) == [])
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as watched:
        options = ("--companies", 1, "--workers", 1, "--watch-pid", watched.pid, "--discard")
        second = WebhookService(directory, *options)
        again = second.company()
        assert again.secret == sent.secret
        assert again.send(again.event("evt-kept")).json()["duplicate"] is True
        second.client.close()
        watched.communicate(b"\n")
    assert second.process.wait(60) == 0
    assert second.process.stderr is not None
    second.process.stderr.close()
    assert not directory.exists()
    assert processes_of(directory) == []


def test_the_state_file_is_private_and_follows_every_change(service: WebhookService) -> None:
    path = service.directory / "service.json"
    assert path.stat().st_mode & 0o777 == 0o600
    state = json.loads(path.read_text())
    assert state["schema"] == "examday/webhook-service/1"
    assert all(Path(name).is_file() for name in state["log_files"])
    os.kill(state["workers"]["worker-2"], signal.SIGKILL)
    wait_until(lambda: json.loads(path.read_text())["workers"]["worker-2"] is None)
    service.control.start("worker-2")
    assert json.loads(path.read_text())["workers"]["worker-2"] not in {None, state["workers"]["worker-2"]}


def test_no_secret_is_in_the_environment_or_on_the_command_line(service: WebhookService) -> None:
    state = json.loads((service.directory / "service.json").read_text())
    kept = json.loads((service.directory / "credentials.json").read_text())
    secrets = [*kept.values(), *state["secrets"].values()]
    for pid in (state["workers"]["worker-1"], state["schedulers"]["scheduler-1"], state["services"]["postgres"]):
        process = psutil.Process(pid)
        told = json.dumps([process.cmdline(), process.environ()])
        assert [secret for secret in secrets if secret in told] == []


def test_without_the_database_nothing_is_accepted_and_health_says_so(company: Company, service: WebhookService) -> None:
    service.disconnect()
    service.control.stop("postgres")
    try:
        told = service.client.get("/health")
        assert (told.status_code, told.json()["status"], told.json()["database"]) == (503, "down", "down")
        assert service.client.get("/ready").status_code == 503
        refused = company.send(company.event())
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    finally:
        service.control.start("postgres")
    wait_until(lambda: service.client.get("/health").json()["status"] == "ok")
    assert company.send(company.event()).status_code == 202
    assert service.logged(event="database_unavailable")


def test_without_redis_webhooks_are_still_stored_and_worked_on(company: Company, service: WebhookService) -> None:
    service.control.stop("redis")
    try:
        told = service.client.get("/health")
        assert (told.status_code, told.json()["status"], told.json()["redis"]) == (200, "degraded", "down")
        assert company.send(company.event()).status_code == 202
        wait_until(lambda: [row for row in company.rows("job_queue") if row["state"] == "done"])
    finally:
        service.control.start("redis")
    wait_until(lambda: service.client.get("/health").json()["status"] == "ok")


def test_the_metrics_count_webhooks_jobs_and_refusals_of_all_processes(
    company: Company, service: WebhookService
) -> None:
    company.send(company.event())
    wait_until(lambda: [row for row in company.rows("job_queue") if row["state"] == "done"])
    text = service.client.get("/metrics").text
    for name in (
        'webhook_events_total{outcome="stored"}',
        'webhook_jobs_total{kind="reminder",outcome="done"}',
        "webhook_scheduler_last_pass_seconds ",
        "webhook_jobs_due ",
        'webhook_db_pool_in_use{pool="worker-',
    ):
        assert f"\n{name}" in text, name


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--dir"),
        (("--dir", "x", "--workers", "none"), "--workers"),
        (("--dir", "x", "--rate-limit", "0"), "--rate-limit"),
        (("--dir", "x", "--parts", "nothing"), "--parts"),
        (("--dir", "x", "--unknown"), "--unknown"),
    ],
)
def test_wrong_arguments_are_named(arguments: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("webhook service: ")
    assert named in line


def test_a_directory_in_use_and_a_folder_of_somebody_else_are_refused(
    service: WebhookService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert cli.main(["--dir", str(service.directory)]) == 2
    assert cli.main(["--dir", str(tmp_path)]) == 2
    used, foreign = capsys.readouterr().err.splitlines()
    assert f"a service is already running on {service.directory}" in used
    assert "is not empty and holds no service" in foreign
