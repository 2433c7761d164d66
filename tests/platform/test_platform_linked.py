"""The embedded platform behind links that can be made late."""

import time
from collections.abc import Iterator

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.embedded_runtime import EmbeddedRuntime
from tests.platform.platform_harness import Platform

SERVICES = ("postgres", "redis", "proxy")


@pytest.fixture
def runtime(linked: Platform) -> Iterator[EmbeddedRuntime]:
    """Of the platform with links, which are fast again afterwards."""
    running = EmbeddedRuntime(linked.directory / "platform.json")
    yield running
    for service in SERVICES:
        running.start(service if service == "proxy" else f"{service}-link")
        running.undelay(service)


def _ready_ms(platform: Platform) -> float:
    client = platform.client()
    clock = time.perf_counter()
    assert client.get("/v1/ready").status_code == 200
    return (time.perf_counter() - clock) * 1000


@pytest.mark.parametrize("service", SERVICES)
def test_a_delay_is_felt_by_callers_and_read_back(runtime: EmbeddedRuntime, linked: Platform, service: str) -> None:
    runtime.require(service, "delay")
    assert not runtime.delayed(service)
    runtime.delay(service, 200)
    assert runtime.delayed(service)
    assert _ready_ms(linked) >= 200
    runtime.undelay(service)
    assert not runtime.delayed(service)
    assert min(_ready_ms(linked) for _ in range(5)) < 200, "a busy machine makes single answers late"


def test_a_delay_that_is_in_is_replaced(runtime: EmbeddedRuntime) -> None:
    runtime.delay("redis", 200)
    runtime.delay("redis", 0, 0)
    assert not runtime.delayed("redis")


def test_an_exam_is_lived_through_the_links(runtime: EmbeddedRuntime, linked: Platform) -> None:
    candidate = linked.candidate()
    session = candidate.create()
    assert candidate.answer(session).status_code == 200
    assert candidate.submit(session).status_code == 200


def test_a_link_that_is_down_leaves_nobody_to_ask(runtime: EmbeddedRuntime) -> None:
    runtime.kill("redis-link")
    with pytest.raises(Unmeasurable, match="the link in front of redis does not answer"):
        runtime.delayed("redis")
