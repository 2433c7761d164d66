"""What can be wrong with an engine or a container: one line, and nothing touched or left."""

import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from pytest_examday.config.runtimes import DockerSettings
from pytest_examday.runtimes.docker import DockerRuntime
from tests.docker import engine
from tests.refusals import refusal
from tests.waiting import wait_until

Make = Callable[..., Container]
SLEEP = ["sleep", "100"]
NOBODY = 65534


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    """The engine."""
    connected = engine.connect()
    engine.remove_leftovers(connected)
    yield connected
    connected.close()


@pytest.fixture
def make(client: docker.DockerClient) -> Iterator[Make]:
    """Makes and starts containers without a network; they are removed afterwards."""
    numbers = itertools.count(1)
    made: list[Container] = []

    def making(command: list[str] = SLEEP, **options: Any) -> Container:
        name = f"examodd{os.getpid()}-{next(numbers)}"
        container = engine.make_container(client, name, command, **{"network_mode": "none", "init": True, **options})
        made.append(container)
        container.start()
        return container

    yield making
    for container in made:
        engine.remove(container)


def _runtime(*containers: Container, **settings: Any) -> DockerRuntime:
    names = {"odd": tuple(str(container.name) for container in containers)}
    return DockerRuntime(DockerSettings(kind="docker", containers=names, backend="odd", **settings), "staging")


def test_containers_without_labels_are_known_by_their_names(make: Make) -> None:
    runtime = _runtime(make(), make())
    assert runtime.workers() == ("odd-1", "odd-2")
    runtime.kill("odd-2")
    assert (runtime.running("odd-1"), runtime.running("odd-2")) == (True, False)


def test_a_missing_docker_socket_is_reported(tmp_path: Path) -> None:
    runtime = DockerRuntime(DockerSettings(kind="docker", project="x", socket=f"{tmp_path}/none"), "staging")
    assert refusal(runtime.services) == (
        f"no Docker socket at {tmp_path}/none: start the engine, or set env.staging.runtime.socket"
    )


def test_the_socket_of_the_environment_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/elsewhere")
    runtime = DockerRuntime(DockerSettings(kind="docker", project="x"), "staging")
    assert refusal(runtime.services).startswith(f"no Docker socket at {tmp_path}/elsewhere")


def test_a_docker_socket_without_permission_is_reported(client: docker.DockerClient) -> None:
    runtime = DockerRuntime(DockerSettings(kind="docker", project="x"), "staging")
    os.seteuid(NOBODY)
    try:
        line = refusal(runtime.services)
    finally:
        os.seteuid(0)
    assert line.startswith("no permission to use the Docker socket /var/run/docker.sock")


def test_a_socket_behind_which_nobody_is(tmp_path: Path) -> None:
    path = f"{tmp_path}/dead.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    runtime = DockerRuntime(DockerSettings(kind="docker", project="x", socket=path), "staging")
    line = refusal(runtime.services)
    assert line.startswith(f"the Docker engine at unix://{path}: ")
    assert "Connection refused" in line


def test_an_unknown_project_is_refused_with_those_that_exist(client: docker.DockerClient, make: Make) -> None:
    make(labels={"com.docker.compose.project": "summer", "com.docker.compose.service": "api"})
    runtime = DockerRuntime(DockerSettings(kind="docker", project="sommer"), "staging")
    line = refusal(runtime.services)
    assert line.startswith("no containers of the Compose project 'sommer'; projects on this engine: ")
    assert "summer" in line


def test_an_unknown_container_is_refused_with_those_that_exist(make: Make) -> None:
    there = make()
    runtime = DockerRuntime(DockerSettings(kind="docker", containers={"redis": ("valkey",)}), "staging")
    line = refusal(runtime.services)
    assert line.startswith("no container 'valkey'; containers on this engine: ")
    assert str(there.name) in line


def test_a_role_without_a_service_names_the_key_to_set(make: Make) -> None:
    runtime = _runtime(make())
    line = refusal(lambda: runtime.service("cache"))
    assert line == "the cache is service 'redis', and there is none; set env.staging.runtime.cache to one of: odd"
    names = runtime._config.model_copy(update={"backend": "api"})
    line = refusal(DockerRuntime(names, "staging").workers)
    assert line == "the backend is service 'api', and there is none; set env.staging.runtime.backend to one of: odd"


def test_a_service_with_a_restart_policy_stays_down_when_killed(make: Make) -> None:
    runtime = _runtime(make(restart_policy={"Name": "always"}))
    runtime.kill("odd")
    assert not runtime.running("odd")
    runtime.start("odd")
    runtime.stop("odd")
    assert not runtime.running("odd")


def test_a_service_that_somebody_brings_back_is_told(make: Make) -> None:
    container = make(restart_policy={"Name": "unless-stopped"})

    def heal() -> None:
        container.wait()
        time.sleep(0.3)
        container.start()

    healer = threading.Thread(target=heal)
    healer.start()
    try:
        line = refusal(lambda: _runtime(container).kill("odd"))
    finally:
        healer.join()
    assert line == "odd-1 came back by itself after kill (restart policy 'unless-stopped'), so it cannot be held down"


def test_a_container_that_would_be_gone_is_not_stopped(make: Make) -> None:
    container = make(auto_remove=True)
    runtime = _runtime(container)
    for act in (runtime.stop, runtime.kill):
        assert refusal(lambda act=act: act("odd")).startswith("odd-1 was started with --rm: ")  # type: ignore[misc]
    assert runtime.running("odd")


def test_a_service_that_never_comes_back_is_told_with_its_last_words(make: Make) -> None:
    script = "test -e /data/once && { echo the disk is broken; exit 3; }; touch /data/once; exec sleep 100"
    runtime = _runtime(make(["sh", "-c", script]))
    runtime.kill("odd")
    assert refusal(lambda: runtime.start("odd")) == (
        "odd-1 did not come back: it ended with exit status 3 after its start; last in its log: the disk is broken"
    )


def test_a_service_that_starts_and_never_is_healthy_did_not_come_back(make: Make) -> None:
    sick = {"test": ["CMD", "false"], "interval": 200_000_000, "retries": 1}
    runtime = _runtime(make(healthcheck=sick), timeout_seconds=1.5)
    assert not runtime.running("odd")
    runtime.kill("odd")
    assert refusal(lambda: runtime.start("odd")).startswith("odd-1 did not come back in time: it is running, unhealthy")


def test_a_container_that_the_engine_restarts_again_and_again_is_not_up(make: Make) -> None:
    container = make(["sh", "-c", "echo no settings; sleep 0.1; exit 1"], restart_policy={"Name": "always"})
    deadline = time.monotonic() + 5
    while container.attrs["RestartCount"] == 0 and time.monotonic() < deadline:
        container.reload()
    line = refusal(lambda: _runtime(container, timeout_seconds=2).start("odd"))
    assert line.startswith("odd-1 did not come back in time: it is r")  # restarting, or running for a moment
    assert line.endswith("last in its log: no settings")


def test_a_health_check_is_waited_for(make: Make) -> None:
    script = "rm -f /data/well; sleep 1; touch /data/well; exec sleep 100"
    check = {"test": ["CMD", "test", "-e", "/data/well"], "interval": 200_000_000, "retries": 100}
    runtime = _runtime(make(["sh", "-c", script], healthcheck=check))
    runtime.restart("odd")
    assert runtime.running("odd")


def test_what_does_not_run_cannot_be_paused_delayed_read_or_measured(make: Make) -> None:
    runtime = _runtime(make())
    runtime.kill("odd")
    assert "is not running" in refusal(lambda: runtime.pause("odd"))
    assert "it is not running" in refusal(lambda: runtime.delay("odd", 100))
    assert "is not running" in refusal(lambda: runtime.environment("odd"))
    assert "is it running?" in refusal(lambda: runtime.usage("odd"))
    runtime.undelay("odd")
    runtime.unpause("odd")
    assert not runtime.delayed("odd")


def test_without_tc_anywhere_no_delay_is_tried(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = _runtime(make(environment={"PATH": "/usr/bin"}))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    line = refusal(lambda: runtime.require("odd", "delay"))
    assert "tc from here: only root may enter its network from here" in line
    assert "tc inside: it has no tc" in line


def test_a_container_that_keeps_no_log(make: Make) -> None:
    runtime = _runtime(make(log_config=docker.types.LogConfig(type="none")))
    assert refusal(lambda: list(runtime.logs("odd", 0))) == "odd-1 keeps no log: its logging driver is none"


def test_a_long_line_of_a_log_stays_one_line(make: Make) -> None:
    runtime = _runtime(make(["sh", "-c", "printf '%040000d\\nend\\n' 7; exec sleep 100"]))
    wait_until(lambda: len(list(runtime.logs("odd", 0))) == 2)
    assert [len(line) for line in runtime.logs("odd", 0)] == [40_000, 3]


def test_a_clock_without_date_cannot_be_read(make: Make) -> None:
    runtime = _runtime(make(["/usr/bin/sleep", "100"], environment={"PATH": "/nowhere"}))
    assert refusal(lambda: runtime.clock_skew("odd")) == ("the clock of odd cannot be read: it has no usable `date`")


def test_a_clock_that_is_ahead_is_measured(make: Make) -> None:
    """The container's own `date` may be anything: here it is two minutes ahead."""
    ahead = 'mkdir /data/bin; printf \'#!/bin/sh\\nexec /usr/bin/date -d "+2 minutes" "$@"\\n\' > /data/bin/date; '
    made = make(
        ["sh", "-c", ahead + "chmod +x /data/bin/date; exec sleep 100"], environment={"PATH": "/data/bin:/usr/bin"}
    )
    runtime = _runtime(made)
    wait_until(lambda: made.exec_run(["test", "-x", "/data/bin/date"]).exit_code == 0)
    assert 110 < runtime.clock_skew("odd") < 130


def test_jobs_run_inside_and_unknown_ones_are_refused(make: Make) -> None:
    runtime = _runtime(make(), jobs={"nightly": "echo skipped; exit 4"})
    ran = runtime.run_job("nightly")
    assert (ran.exit_status, ran.output) == (4, "skipped")
    assert refusal(lambda: runtime.run_job("daily")) == (
        "env.staging.runtime.jobs does not say how 'daily' is run; it has: nightly"
    )


def test_a_job_finds_the_variables_that_it_names_and_no_others(make: Make) -> None:
    told = 'echo "${CODE}" "${KIND:-nothing}" "$OTHER"; tr "\\0" " " </proc/$$/cmdline'
    config = DockerSettings(kind="docker", containers={"odd": (str(make().name),)}, backend="odd", jobs={"tell": told})
    runtime = DockerRuntime(config, "staging", variables={"CODE": "c0de-9Kx", "OTHER": "0ther-9Kx"})
    first, command = runtime.run_job("tell").output.splitlines()
    assert first == "c0de-9Kx nothing "
    assert "c0de" not in command
    assert '"${CODE}"' in command


@pytest.mark.parametrize("command", ["while :; do echo still here; sleep 0.2; done", "sleep 60"])
def test_a_job_has_a_limit_to_its_whole_time(make: Make, command: str) -> None:
    runtime = _runtime(make(), jobs={"nightly": command}, timeout_seconds=2)
    began = time.monotonic()
    assert refusal(lambda: runtime.run_job("nightly")).endswith("was not done within 2 s")
    assert time.monotonic() - began < 15


def test_what_a_dead_run_left_is_removed_at_the_next_start(client: docker.DockerClient) -> None:
    dead = 2**22 + 1  # above every process id
    left = engine.make_container(client, f"examleft{os.getpid()}", SLEEP, labels={engine.OWNER: str(dead)})
    left.start()
    engine.remove_leftovers(client)
    assert client.containers.list(all=True, filters={"id": str(left.id)}) == []
