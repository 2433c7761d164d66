"""Faults and readings on real containers: several backends, PostgreSQL, Redis, a proxy in front."""

import json
import socket
import sys
import time

import httpx
import psutil
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes import netem
from pytest_examday.runtimes.docker import DockerRuntime
from pytest_examday.runtimes.packet_queue import PacketQueue
from tests.docker.stack import REPLICAS, Stack
from tests.waiting import wait_until

WORKERS = ("backend-1", "backend-2", "backend-3")
DELAY_MS = 300


def _connect_seconds(stack: Stack, name: str, port: int) -> float:
    """How long a TCP handshake with a container takes: the quickest of five, for this machine may be busy."""
    return min(_handshake_seconds(stack.address(f"{name}-1"), port) for _ in range(5))


def _handshake_seconds(address: str, port: int) -> float:
    began = time.monotonic()
    socket.create_connection((address, port), timeout=30).close()
    return time.monotonic() - began


def _answering(stack: Stack) -> set[str]:
    """The workers that answer fresh connections through the proxy."""
    return {stack.worker() for _ in range(4 * REPLICAS)}


def test_replicas_are_told_apart(runtime: DockerRuntime) -> None:
    assert runtime.services() == ("backend", "postgres", "proxy", "redis")
    assert runtime.workers() == WORKERS
    assert [runtime.service(role) for role in ("backend", "database", "cache", "proxy")] == [
        "backend",
        "postgres",
        "redis",
        "proxy",
    ]


@pytest.mark.usefixtures("healed")
def test_one_killed_worker_is_one_and_comes_back(runtime: DockerRuntime, stack: Stack) -> None:
    runtime.kill("backend-2")
    assert stack.container("backend-2").attrs["State"]["ExitCode"] == 137
    assert [runtime.running(worker) for worker in WORKERS] == [True, False, True]
    assert not runtime.running("backend")
    assert _answering(stack) == {"backend-1", "backend-3"}
    runtime.start("backend-2")
    assert runtime.running("backend")
    stack.await_ready()


@pytest.mark.usefixtures("healed")
def test_the_whole_backend_stops_in_the_ordinary_way_and_starts(runtime: DockerRuntime, stack: Stack) -> None:
    runtime.stop("backend")
    runtime.stop("backend")
    assert [stack.container(worker).attrs["State"]["ExitCode"] for worker in WORKERS] == [0, 0, 0]
    assert httpx.get(f"{stack.api_url}/health", timeout=5).status_code in {502, 504}
    runtime.start("backend")
    started = [stack.container(worker).attrs["State"]["StartedAt"] for worker in WORKERS]
    runtime.start("backend")
    assert [stack.container(worker).attrs["State"]["StartedAt"] for worker in WORKERS] == started
    stack.await_ready()


@pytest.mark.usefixtures("healed")
def test_the_proxy_is_restarted(runtime: DockerRuntime, stack: Stack) -> None:
    before = stack.container("proxy-1").attrs["State"]["StartedAt"]
    runtime.restart("proxy")
    assert stack.container("proxy-1").attrs["State"]["StartedAt"] > before
    stack.await_ready()


@pytest.mark.usefixtures("healed")
def test_a_paused_worker_is_alive_and_answers_nothing(runtime: DockerRuntime, stack: Stack) -> None:
    url = f"http://{stack.address('backend-1')}:8000/health"
    runtime.pause("backend-1")
    try:
        runtime.pause("backend-1")
        assert runtime.running("backend-1")
        assert [runtime.paused(name) for name in ("backend-1", "backend-2", "backend")] == [True, False, True]
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(url, timeout=0.5)
    finally:
        runtime.unpause("backend-1")
    runtime.unpause("backend-1")
    assert not runtime.paused("backend")
    assert httpx.get(url, timeout=5).status_code == 200


@pytest.mark.usefixtures("healed")
def test_a_delay_is_felt_replaced_and_taken_out(runtime: DockerRuntime, stack: Stack) -> None:
    runtime.require("redis", "delay")
    assert not runtime.delayed("redis")
    try:
        runtime.delay("redis", 2 * DELAY_MS)
        runtime.delay("redis", DELAY_MS, 20)
        assert runtime.delayed("redis")
        delayed = _connect_seconds(stack, "redis", 6379)
        neighbour = _connect_seconds(stack, "postgres", 5432)
    finally:
        runtime.undelay("redis")
    runtime.undelay("redis")
    assert (DELAY_MS - 20) / 1000 <= delayed < (2 * DELAY_MS - 20) / 1000
    assert neighbour < 0.1
    assert not runtime.delayed("redis")
    assert _connect_seconds(stack, "redis", 6379) < 0.1


@pytest.mark.usefixtures("healed")
def test_a_restarted_container_has_no_delay(runtime: DockerRuntime, stack: Stack) -> None:
    process = stack.container("redis-1").attrs["State"]["Pid"]
    runtime.delay("redis", DELAY_MS)
    runtime.restart("redis")
    assert not runtime.delayed("redis")
    assert _connect_seconds(stack, "redis", 6379) < 0.1
    _await_no_holder(process)


def test_held_packets_pass_when_the_process_that_holds_them_is_killed(stack: Stack) -> None:
    redis = stack.container("redis-1")
    process = redis.attrs["State"]["Pid"]
    queue = PacketQueue()
    assert queue.why_not(redis) is None
    queue.delay(redis, 60_000, 0)
    try:
        (holder,) = _holders(process)
        holder.kill()
        assert _connect_seconds(stack, "redis", 6379) < 30
    finally:
        queue.undelay(redis)
    _await_no_holder(process)


def _holders(process: int) -> list[psutil.Process]:
    """Those that hold the packets of the container whose main process this is."""
    words = ["pytest_examday.runtimes.packet_queue", str(process)]
    return [one for one in psutil.process_iter(["cmdline"]) if (one.info["cmdline"] or [])[2:4] == words]


def _await_no_holder(process: int) -> None:
    deadline = time.monotonic() + 5
    while _holders(process):
        assert time.monotonic() < deadline, "a process still holds packets"
        time.sleep(0.05)


def test_from_inside_netem_is_there_exactly_when_the_kernel_has_it(stack: Stack) -> None:
    redis = stack.container("redis-1")
    assert (netem.INSIDE.why_not(redis) is None) == (netem.FROM_HERE.why_not(redis) is None)


def test_logs_are_those_of_one_worker_since_a_moment(runtime: DockerRuntime, stack: Stack) -> None:
    httpx.get(f"http://{stack.address('backend-3')}:8000/health", headers={"X-Request-ID": "before-the-moment"})
    time.sleep(1.1)
    moment = time.time()
    httpx.get(f"http://{stack.address('backend-3')}:8000/health", headers={"X-Request-ID": "after-the-moment"})
    time.sleep(0.3)
    assert runtime.log_sources() == WORKERS
    lines = [json.loads(line) for line in runtime.logs("backend-3", moment)]
    assert {line["worker"] for line in lines} == {"backend-3"}
    assert "after-the-moment" in {line["request_id"] for line in lines}
    assert "before-the-moment" not in {line["request_id"] for line in lines}
    assert "before-the-moment" in {json.loads(line).get("request_id") for line in runtime.logs("backend-3", 0)}


def test_the_environment_is_that_of_the_recreated_container_without_secrets(
    runtime: DockerRuntime, stack: Stack
) -> None:
    assert runtime.environment("backend-1")["EXAM_MODE"] == "true"
    stack.make_backend(1, exam_mode=False)
    try:
        environment = runtime.environment("backend-1")
    finally:
        stack.make_backend(1)
        stack.await_ready()
    assert environment["EXAM_MODE"] == "false"
    secrets = [stack.credentials.app_password, stack.credentials.redis_password, stack.credentials.jwt_secret]
    assert not [secret for secret in secrets if secret in str(environment)]


def test_the_processes_are_those_of_every_container(runtime: DockerRuntime) -> None:
    lines = runtime.processes()
    assert sum("tests.docker.served" in line for line in lines) == REPLICAS
    for program in ("redis-server", "nginx: master", "postgres -D"):
        assert sum(program in line for line in lines) == 1


def test_what_a_container_uses_is_measured(runtime: DockerRuntime, stack: Stack) -> None:
    idle = runtime.usage("redis")
    busy = "import time\nend = time.time() + 8\nwhile time.time() < end: pass"
    stack.container("redis-1").exec_run([sys.executable, "-c", busy], detach=True)
    wait_until(lambda: runtime.usage("redis").cores > 0.1)  # this machine may have much else to do
    used = runtime.usage("redis")
    assert idle.cores < 0.1
    assert used.cores < 1.3
    assert 1_000_000 < idle.memory_bytes < used.memory_bytes < 1_000_000_000


def test_containers_of_this_machine_share_its_clock(runtime: DockerRuntime) -> None:
    assert abs(runtime.clock_skew("backend-1")) < 5


@pytest.mark.parametrize("act", ["stop", "start", "pause", "delay", "environment", "running", "usage", "clock_skew"])
def test_an_unknown_service_is_refused_with_those_that_exist(runtime: DockerRuntime, act: str) -> None:
    for name in ("mysql", "backend-9", "backend-", ""):
        with pytest.raises(Unmeasurable) as refusal:
            getattr(runtime, act)(name, *([100] if act == "delay" else []))
        assert str(refusal.value) == (
            f"unknown service {name!r}; the services are: "
            "backend (backend-1, backend-2, backend-3), postgres, proxy, redis"
        )
