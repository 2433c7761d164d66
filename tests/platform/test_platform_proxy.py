"""The front proxy of the embedded platform: a service that stands between callers and workers."""

import json
from collections.abc import Iterator

import httpx
import psutil
import pytest

from pytest_examday.runtimes.embedded_runtime import EmbeddedRuntime
from tests.platform.platform_harness import Platform
from tests.waiting import wait_until


@pytest.fixture
def runtime(linked: Platform) -> Iterator[EmbeddedRuntime]:
    """Of the platform with a proxy, whose faults are out afterwards."""
    running = EmbeddedRuntime(linked.directory / "platform.json")
    yield running
    running.unpause("proxy")
    running.start("proxy")


def _port(platform: Platform) -> int:
    return int(platform.state["api_url"].rpartition(":")[2])


def test_it_is_a_service_of_its_own_in_the_role_of_the_proxy(runtime: EmbeddedRuntime, linked: Platform) -> None:
    assert runtime.service("proxy") == "proxy"
    assert "proxy" in runtime.services()
    pid = json.loads((linked.directory / "platform.json").read_text())["services"]["proxy"]
    listening = {item.laddr.port for item in psutil.Process(pid).net_connections("tcp4") if item.status == "LISTEN"}
    assert listening == {_port(linked)}


def test_workers_listen_behind_it(linked: Platform) -> None:
    pid = linked.control.status()["workers"]["worker-1"]
    listening = {item.laddr.port for item in psutil.Process(pid).net_connections("tcp4") if item.status == "LISTEN"}
    assert len(listening) == 1
    assert _port(linked) not in listening


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_while_it_is_down_callers_are_refused_and_open_connections_break(
    runtime: EmbeddedRuntime, linked: Platform, end: str
) -> None:
    client = linked.client()
    assert client.get("/health").status_code == 200
    getattr(runtime, end)("proxy")
    assert not runtime.running("proxy")
    with pytest.raises(httpx.ConnectError, match="refused"):
        linked.client().get("/health")
    with pytest.raises(httpx.TransportError):
        client.get("/health")
    runtime.start("proxy")
    assert linked.client().get("/health").status_code == 200


def test_its_restart_leaves_the_workers_and_their_exams_alone(runtime: EmbeddedRuntime, linked: Platform) -> None:
    candidate = linked.candidate()
    session = candidate.create()
    before = linked.control.status()
    runtime.restart("proxy")
    after = linked.control.status()
    assert after["workers"] == before["workers"]
    assert after["services"]["proxy"] != before["services"]["proxy"]
    assert candidate.answer(session).status_code == 200
    assert candidate.submit(session).status_code == 200


def test_a_paused_one_is_silent_and_goes_on(runtime: EmbeddedRuntime, linked: Platform) -> None:
    runtime.pause("proxy")
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{linked.state['api_url']}/health", timeout=0.5)
    runtime.unpause("proxy")
    assert linked.client().get("/health").status_code == 200


def test_a_worker_that_is_down_behind_it_ends_the_connections_of_its_callers(
    runtime: EmbeddedRuntime, linked: Platform
) -> None:
    runtime.stop("worker-1")
    with pytest.raises(httpx.TransportError):
        linked.client().get("/health")
    runtime.start("worker-1")
    wait_until(lambda: linked.client().get("/health").status_code == 200)
