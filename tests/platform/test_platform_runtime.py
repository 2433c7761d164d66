"""The embedded platform as a runtime."""

from collections.abc import Iterator

import httpx
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.embedded_runtime import EmbeddedRuntime
from tests.platform.platform_harness import Platform
from tests.waiting import wait_until


@pytest.fixture
def runtime(platform: Platform) -> Iterator[EmbeddedRuntime]:
    """Of the shared platform, whose faults are out afterwards."""
    running = EmbeddedRuntime(platform.directory / "platform.json")
    yield running
    for service in (*running.services(), "backend"):
        running.unpause(service)
        running.start(service)
    wait_until(lambda: platform.client().get("/v1/ready").json()["status"] == "ready")


def test_roles_have_their_services(runtime: EmbeddedRuntime) -> None:
    assert [runtime.service(role) for role in ("backend", "database", "cache")] == ["backend", "postgres", "redis"]
    with pytest.raises(Unmeasurable, match="has no proxy; start it with --proxy"):
        runtime.service("proxy")


def test_the_backend_runs_when_every_worker_does(runtime: EmbeddedRuntime) -> None:
    assert runtime.running("backend")
    runtime.kill("worker-1")
    assert [runtime.running(name) for name in ("worker-1", "worker-2", "backend")] == [False, True, False]


def test_a_paused_worker_is_alive_and_answers_nothing(runtime: EmbeddedRuntime, platform: Platform) -> None:
    runtime.require("backend", "pause")
    runtime.pause("backend")
    assert (runtime.paused("backend"), runtime.running("backend")) == (True, True)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{platform.state['api_url']}/health", timeout=0.5)
    runtime.unpause("backend")
    assert not runtime.paused("backend")
    assert platform.client().get("/health").status_code == 200


def test_a_paused_database_stands_still_with_all_its_processes(runtime: EmbeddedRuntime, platform: Platform) -> None:
    runtime.pause("postgres")
    ready = platform.client().get("/v1/ready").json()
    runtime.unpause("postgres")
    assert ready["database"] == "down"
    wait_until(lambda: platform.client().get("/v1/ready").json()["status"] == "ready")


def test_a_service_is_restarted(runtime: EmbeddedRuntime, platform: Platform) -> None:
    before = platform.control.status()["services"]["redis"]
    runtime.restart("redis")
    assert platform.control.status()["services"]["redis"] != before
    assert runtime.running("redis")


def test_what_a_service_uses_is_measured(runtime: EmbeddedRuntime) -> None:
    usage = runtime.usage("backend")
    assert 0 <= usage.cores < 2
    assert 20_000_000 < usage.memory_bytes < 2_000_000_000


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ("backend", "shares this machine's network, which must not be delayed"),
        ("redis", "there is no link in front of redis to be delayed; start the embedded platform with --links"),
    ],
)
def test_a_network_without_a_link_is_never_delayed(runtime: EmbeddedRuntime, service: str, reason: str) -> None:
    with pytest.raises(Unmeasurable, match=reason):
        runtime.require(service, "delay")
    with pytest.raises(Unmeasurable, match=reason):
        runtime.delay(service, 500)


def test_a_job_that_nobody_has_is_told_before_it_is_run(runtime: EmbeddedRuntime) -> None:
    runtime.require("revision_queue_regen", "jobs")
    runtime.require("expire_tokens", "jobs")
    with pytest.raises(Unmeasurable, match="no job 'nightly'; it has: expire_tokens, revision_queue_regen, warehouse"):
        runtime.require("nightly", "jobs")


def test_what_does_not_run_cannot_be_paused(runtime: EmbeddedRuntime) -> None:
    runtime.stop("redis")
    with pytest.raises(Unmeasurable, match="redis cannot be paused: it is not running"):
        runtime.pause("redis")
    assert not runtime.paused("redis")


@pytest.mark.parametrize("ask", ["running", "pause", "usage", "clock_skew", "require"])
def test_an_unknown_service_is_refused_with_those_that_exist(runtime: EmbeddedRuntime, ask: str) -> None:
    with pytest.raises(Unmeasurable, match="unknown service 'nginx'; the services are: postgres, redis, worker-1"):
        getattr(runtime, ask)("nginx", *(["stop"] if ask == "require" else []))


def test_its_logs_are_the_workers_files(runtime: EmbeddedRuntime, platform: Platform) -> None:
    platform.client().get("/health", headers={"X-Request-ID": "seen-in-the-log"})
    sources = runtime.log_sources()
    assert [source.rpartition("/")[2] for source in sources[:2]] == ["worker-1.log", "worker-2.log"]
    wait_until(lambda: any("seen-in-the-log" in line for source in sources for line in runtime.logs(source, 0)))
