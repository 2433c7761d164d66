"""If nothing may be written, a test's `cache` reads; a real Redis says which commands do."""

import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from pytest_examday.errors import Unmeasurable
from pytest_examday.local_servers import ports
from pytest_examday.local_servers.redis_server import find_binary
from pytest_examday.safety.read_only_redis import ReadOnlyRedis


@pytest.fixture(scope="module")
def server() -> Iterator[redis.Redis]:
    """A Redis of these tests."""
    port = ports.pick()
    command = [str(find_binary()), "--bind", ports.HOST, "--port", str(port), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    client = redis.Redis(host=ports.HOST, port=port)
    try:
        _await(client)
        client.set("answer", "B")
        yield client
    finally:
        process.kill()
        process.wait()


def _await(client: redis.Redis) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


READING: dict[str, tuple[Callable[[Any], Any], object]] = {
    "get": (lambda cache: cache.get("answer"), b"B"),
    "exists": (lambda cache: cache.exists("answer"), 1),
    "scan": (lambda cache: list(cache.scan_iter()), [b"answer"]),
    "dbsize": (lambda cache: cache.dbsize(), 1),
    "ping": (lambda cache: cache.ping(), True),
    "in small letters": (lambda cache: cache.execute_command("get", "answer"), b"B"),
    "info": (lambda cache: cache.info("server")["tcp_port"] > 0, True),
    "two words": (lambda cache: cache.memory_usage("answer") > 0, True),
}
CHANGING: dict[str, tuple[Callable[[Any], Any], str]] = {
    "set": (lambda cache: cache.set("answer", "C"), "SET"),
    "delete": (lambda cache: cache.delete("answer"), "DEL"),
    "flush": (lambda cache: cache.flushdb(), "FLUSHDB"),
    "expire": (lambda cache: cache.expire("answer", 1), "EXPIRE"),
    "script": (lambda cache: cache.eval("return redis.call('del', 'answer')", 0), "EVAL"),
    "setting": (lambda cache: cache.config_set("maxmemory", 1), "CONFIG SET"),
    "in small letters": (lambda cache: cache.execute_command("Del", "answer"), "DEL"),
    "unknown": (lambda cache: cache.execute_command("NO-SUCH-COMMAND"), "NO-SUCH-COMMAND"),
    "pipeline": (lambda cache: cache.pipeline().delete("answer").execute(), "a pipeline"),
    "transaction": (lambda cache: cache.transaction(lambda pipe: pipe.delete("answer")), "a pipeline"),
    "lock": (lambda cache: cache.lock("seat").acquire(), "SET"),
}


@pytest.mark.parametrize("name", READING)
def test_reading_goes_through(server: redis.Redis, name: str) -> None:
    ask, answer = READING[name]
    assert ask(ReadOnlyRedis(server, "no")) == answer


@pytest.mark.parametrize("name", CHANGING)
def test_what_may_change_something_is_refused_by_name(server: redis.Redis, name: str) -> None:
    change, named = CHANGING[name]
    with pytest.raises(Unmeasurable, match=rf"^only to be read; refused: {named}$"):
        change(ReadOnlyRedis(server, "only to be read"))
    assert (server.keys(), server.get("answer")) == ([b"answer"], b"B")
