"""The user's own commands, tried on small real processes."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from pytest_examday.config.runtimes import CommandSettings
from pytest_examday.runtimes.base import CommandResult
from pytest_examday.runtimes.command import CommandRuntime
from tests.refusals import refusal
from tests.waiting import wait_until

Make = Callable[..., CommandRuntime]

PROGRAM = """
import os, sys, time
from pathlib import Path
from tests.waiting import wait_until
name, folder = sys.argv[1:]
Path(folder, f"{name}.pid").write_text(str(os.getpid()))
while True:
    with Path(folder, f"{name}.log").open("a") as log:
        log.write(f"{time.time():.3f} {name} works\\n")
    time.sleep(0.05)
"""


def _commands(folder: Path, name: str) -> dict[str, str]:
    """What somebody would write who keeps a pid file."""
    pid = f"$(cat {folder}/{name}.pid)"
    alive = f"test -e {folder}/{name}.pid && kill -0 {pid} 2>/dev/null"
    return {
        "status": alive,
        "start": f"{sys.executable} {folder}/program.py {name} {folder} & sleep 0.2",
        "stop": f"kill {pid}",
        "kill": f"kill -9 {pid}",
        "pause": f"kill -STOP {pid}",
        "unpause": f"kill -CONT {pid}",
        "paused": f"grep -q '^State:.T' /proc/{pid}/status",
        "delay": f"echo $EXAMDAY_DELAY_MS $EXAMDAY_JITTER_MS > {folder}/{name}.delay",
        "undelay": f"rm {folder}/{name}.delay",
        "delayed": f"test -e {folder}/{name}.delay",
        "logs": f"echo since $EXAMDAY_SINCE $EXAMDAY_SINCE_SECONDS; cat {folder}/{name}.log",
        "environment": "printf 'EXAM_MODE=true\\nDATABASE_URL=postgresql://u:hunter2@db/x\\nCACHE=redis://:hunter2@r/0\\n'",
        "processes": f"ps -ww -o args= -p {pid}",
    }


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a runtime of `api-1`, with changes to its commands, and `api-2`; what it starts is ended."""
    (tmp_path / "program.py").write_text(PROGRAM)

    def making(changes: dict[str, str | None] | None = None, **settings: object) -> CommandRuntime:
        services = {name: _commands(tmp_path, name) for name in ("api-1", "api-2")}
        first = {**services["api-1"], **(changes or {})}
        services["api-1"] = {name: command for name, command in first.items() if command is not None}
        values = {
            "kind": "command",
            "services": services,
            "workers": ["api-1", "api-2"],
            "backend": "api-1",
            **settings,
        }
        return CommandRuntime(CommandSettings.model_validate(values), "staging")

    yield making
    for file in tmp_path.glob("*.pid"):
        if psutil.pid_exists(pid := int(file.read_text())):
            psutil.Process(pid).kill()


def test_a_service_is_started_stopped_killed_and_restarted(make: Make, tmp_path: Path) -> None:
    runtime = make()
    seen = [runtime.running("api-1")]
    for act in (runtime.start, runtime.start, runtime.stop, runtime.stop, runtime.start, runtime.kill, runtime.restart):
        act("api-1")
        seen.append(runtime.running("api-1"))
    assert seen == [False, True, True, False, False, True, False, True]
    assert not runtime.running("api-2")
    assert (runtime.services(), runtime.workers()) == (("api-1", "api-2"), ("api-1", "api-2"))


def test_a_restart_command_of_its_own_is_used(make: Make, tmp_path: Path) -> None:
    runtime = make({"restart": f"touch {tmp_path}/restarted"})
    runtime.start("api-1")
    runtime.restart("api-1")
    assert (tmp_path / "restarted").exists()
    assert runtime.running("api-1")


def test_a_paused_service_is_up_and_does_nothing(make: Make, tmp_path: Path) -> None:
    runtime = make()
    runtime.start("api-1")
    runtime.pause("api-1")
    runtime.pause("api-1")
    log = tmp_path / "api-1.log"
    written = log.stat().st_size
    time.sleep(0.3)
    assert (runtime.running("api-1"), runtime.paused("api-1"), log.stat().st_size) == (True, True, written)
    runtime.unpause("api-1")
    assert not runtime.paused("api-1")
    wait_until(lambda: log.stat().st_size > written)


def test_a_delay_command_is_told_how_much(make: Make, tmp_path: Path) -> None:
    runtime = make()
    runtime.delay("api-1", 500, 100)
    assert runtime.delayed("api-1")
    assert (tmp_path / "api-1.delay").read_text() == "500 100\n"
    runtime.delay("api-1", 250)
    assert (tmp_path / "api-1.delay").read_text() == "250 0\n"
    runtime.undelay("api-1")
    runtime.undelay("api-1")
    assert not runtime.delayed("api-1")


def test_logs_are_asked_for_since_a_moment(make: Make) -> None:
    runtime = make()
    runtime.start("api-2")
    first, *lines = runtime.logs("api-2", 1_700_000_000.5)
    assert first == "since 2023-11-14T22:13:20Z 1700000000"
    assert lines[0].endswith("api-2 works")
    assert runtime.log_sources() == ("api-1", "api-2")


def test_configured_log_files_go_before_commands(tmp_path: Path, make: Make) -> None:
    file = tmp_path / "app.log"
    file.write_text("one\n\ntwo\n")
    config = make()._config
    runtime = CommandRuntime(config, "staging", (str(file),))
    assert runtime.log_sources() == (str(file),)
    assert list(runtime.logs(str(file), 0)) == ["one", "two"]


def test_the_environment_hides_secrets(make: Make) -> None:
    environment = make().environment("api-1")
    assert environment["EXAM_MODE"] == "true"
    assert set(environment) == {"EXAM_MODE", "DATABASE_URL", "CACHE"}
    assert "hunter2" not in str(environment)


def test_processes_are_told_by_those_who_know(make: Make) -> None:
    runtime = make({"processes": None})
    runtime.start("api-2")
    (line,) = runtime.processes()
    assert line.split()[1].endswith("program.py")


def test_a_job_ends_with_its_own_status(make: Make) -> None:
    runtime = make(jobs={"nightly": "echo skipped; echo because >&2; exit 3"})
    ran = runtime.run_job("nightly")
    assert (ran.exit_status, ran.output) == (3, "skipped\nbecause\n")
    assert refusal(lambda: runtime.run_job("daily")) == (
        "env.staging.runtime.jobs does not say how 'daily' is run; it has: nightly"
    )


def test_of_what_a_talkative_command_writes_the_end_is_kept(make: Make) -> None:
    ran = make(jobs={"nightly": "head -c 17000000 /dev/zero; echo skipped"}).run_job("nightly")
    assert len(ran.output) == 16 * 1024 * 1024
    assert ran.output.endswith("skipped\n")


def test_what_no_command_is_for_is_refused_before_anything_is_touched(make: Make) -> None:
    runtime = make({"pause": None, "kill": None})
    runtime.start("api-1")
    for ability in ("pause", "kill"):
        line = refusal(lambda ability=ability: runtime.require("api-1", "stop", ability))  # type: ignore[misc]
        assert line == f"env.staging.runtime.services.api-1 has no command '{ability}'"
    assert refusal(lambda: runtime.kill("api-1")) == "env.staging.runtime.services.api-1 has no command 'kill'"
    assert refusal(lambda: runtime.usage("api-1")).endswith("does not measure usage; the docker runtime does")
    assert runtime.running("api-1")


def test_an_unknown_service_is_refused_with_those_that_exist(make: Make) -> None:
    runtime = make()
    for act in (runtime.stop, runtime.start, runtime.running, runtime.pause, runtime.environment):
        assert refusal(lambda act=act: act("redis")) == (  # type: ignore[misc]
            "unknown service 'redis'; the services are: api-1, api-2"
        )
    assert refusal(lambda: runtime.service("cache")) == (
        "the cache is service 'redis', for which there are no commands; "
        "set env.staging.runtime.cache to one of: api-1, api-2"
    )


FAILURES = [
    ({"start": "echo no such unit >&2; exit 5"}, "start ended with exit status 5: no such unit"),
    ({"start": "no-such-program"}, "start: command not found: "),
    ({"start": "exit 255"}, "start: exit status 255: it said nothing"),
    ({"start": "kill -TERM $$"}, "start was ended by SIGTERM"),
    ({"status": "no-such-program"}, "status: command not found: "),
    ({"status": "echo ssh: no route >&2; exit 255"}, "status: exit status 255: ssh: no route"),
]


@pytest.mark.parametrize(("changes", "line"), FAILURES)
def test_a_command_that_fails_is_named_by_its_key(make: Make, changes: dict[str, str | None], line: str) -> None:
    runtime = make(changes)
    assert refusal(lambda: runtime.start("api-1")).startswith(f"env.staging.runtime.services.api-1.{line}")


def test_a_secret_in_a_command_is_not_told(make: Make) -> None:
    runtime = make({"start": "TOKEN=hunter2 false"})
    assert "hunter2" not in refusal(lambda: runtime.start("api-1"))


def test_a_command_gets_variables_by_its_environment_alone() -> None:
    variables = {"CODE": "a b'\"$(exit 9)%", "OTHER": "x"}
    command = 'sleep 0.5; test "${CODE}" = "$EXPECTED" && printf "%s" "${CODE}"'
    values = {"kind": "command", "services": {"api": {"status": command, "logs": command}}, "jobs": {"night": command}}
    runtime = CommandRuntime(
        CommandSettings.model_validate(values), "staging", (), {**variables, "EXPECTED": variables["CODE"]}
    )
    seen: list[str] = []
    with ThreadPoolExecutor() as pool:
        ran, running = pool.submit(runtime.run_job, "night"), pool.submit(runtime.running, "api")
        while not (ran.done() and running.done()):
            seen += [" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])]
    assert (ran.result(), running.result()) == (CommandResult(0, variables["CODE"]), True)
    assert list(runtime.logs("api", 0.0)) == [variables["CODE"]]
    assert any("${CODE}" in line for line in seen)
    assert not any("$(exit 9)" in line for line in seen)


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("celery -b redis://:hunter2@cache/0 beat", "celery -b redis://:********@cache/0 beat"),
        ("app postgresql://u:p@ss@db/exam", "app postgresql://u:********@db/exam"),
        ("worker --db-password hunter2 --queue a", "worker --db-password ******** --queue a"),
        ("worker --db-password=hunter2", "worker --db-password=********"),
        ("env API_TOKEN=hunter2 beat", "env API_TOKEN=******** beat"),
        ("curl -u admin:hunter2 http://x", "curl -u admin:******** http://x"),
        ("python -m exam.beat --interval 5", "python -m exam.beat --interval 5"),
    ],
)
def test_a_password_in_the_line_of_a_process_is_hidden(line: str, masked: str) -> None:
    values = {"kind": "command", "services": {"api": {"processes": f"echo '{line}'"}}}
    assert CommandRuntime(CommandSettings.model_validate(values), "staging").processes() == (masked,)


def test_a_command_that_hangs_is_ended_with_all_that_it_started(make: Make) -> None:
    runtime = make({"start": "sleep 77.125 & sleep 77.125"}, timeout_seconds=0.5)
    assert refusal(lambda: runtime.start("api-1")) == (
        "env.staging.runtime.services.api-1.start was not done within 0.5 s"
    )
    assert [one for one in psutil.process_iter(["cmdline"]) if "77.125" in (one.info["cmdline"] or [])] == []


def test_a_service_that_never_comes_back_is_told(make: Make) -> None:
    runtime = make({"start": "true"}, timeout_seconds=0.5)
    assert refusal(lambda: runtime.start("api-1")).startswith("api-1 did not come back: ")


def test_a_service_that_will_not_go_is_told(make: Make) -> None:
    runtime = make({"stop": "true"}, timeout_seconds=0.5)
    runtime.start("api-1")
    assert refusal(lambda: runtime.stop("api-1")).startswith("api-1 is still up: ")


def test_a_daemon_that_keeps_its_output_open_does_not_hold_the_command_up(make: Make) -> None:
    began = time.monotonic()
    runtime = make(jobs={"daemon": "sleep 300 & echo started"})
    assert runtime.run_job("daemon").output == "started\n"
    assert time.monotonic() - began < 300
    for process in psutil.process_iter(["cmdline", "ppid"]):
        if process.info["cmdline"] == ["sleep", "300"] and process.info["ppid"] == 1:
            process.kill()


def test_the_only_backend_is_the_worker_where_none_are_named(make: Make) -> None:
    assert make(workers=[]).workers() == ("api-1",)


def test_commands_have_the_environment_of_the_rehearsal(make: Make) -> None:
    assert make(jobs={"who": "echo $PATH"}).run_job("who").output.strip() == os.environ["PATH"]


def test_a_command_finds_the_name_of_its_service(tmp_path: Path) -> None:
    every = {"status": "test $EXAMDAY_SERVICE = redis", "environment": "echo NAME=$EXAMDAY_SERVICE"}
    services: dict[str, object] = {"backend": {}, "redis": {}}
    configured = CommandSettings.model_validate({"kind": "command", "defaults": every, "services": services})
    runtime = CommandRuntime(configured, "staging")
    assert (runtime.running("redis"), runtime.running("backend")) == (True, False)
    assert runtime.environment("backend") == {"NAME": "backend"}
