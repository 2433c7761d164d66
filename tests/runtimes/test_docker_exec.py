"""A command inside a container ends in time, whatever it writes; a socket stands in for the engine's."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes import docker_exec
from pytest_examday.runtimes.docker_exec import execute

Speaks = Callable[[socket.socket], None]


def _piece(text: bytes, output: int = 1) -> bytes:
    return bytes([output, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


class _Engine:
    """Starts a command that writes as `speaks` does."""

    def __init__(self, speaks: Speaks) -> None:
        self.speaks = speaks
        self.asked: dict[str, Any] = {}
        self.ends: list[socket.socket] = []

    def exec_create(self, container: str, command: list[str], **how: Any) -> dict[str, str]:
        self.asked = {"container": container, "command": command, **how}
        return {"Id": "exec-1"}

    def exec_start(self, exec_id: str, *, socket: bool) -> socket.socket:
        assert (exec_id, socket) == ("exec-1", True)
        ours, theirs = _pair()
        self.ends.append(theirs)
        threading.Thread(target=self._speak, args=(theirs,), daemon=True).start()
        return ours

    def _speak(self, end: socket.socket) -> None:
        with suppress(OSError):  # nobody listens any more
            self.speaks(end)
            end.shutdown(socket.SHUT_RDWR)

    def exec_inspect(self, exec_id: str) -> dict[str, int]:
        assert exec_id == "exec-1"
        return {"ExitCode": 3}


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


@pytest.fixture
def engine() -> Iterator[Callable[[Speaks], tuple[_Engine, Any]]]:
    made: list[_Engine] = []

    def make(speaks: Speaks) -> tuple[_Engine, Any]:
        made.append(_Engine(speaks))
        return made[-1], SimpleNamespace(id="c1", name="exam-backend-1", client=SimpleNamespace(api=made[-1]))

    yield make
    for one in made:
        for end in one.ends:
            end.close()


Make = Callable[[Speaks], tuple[_Engine, Any]]


def test_both_outputs_are_read_whole(engine: Make) -> None:
    def speaks(end: socket.socket) -> None:
        text = _piece(b"a" * 100_000) + _piece(b" and ", output=2) + _piece(b"b\n")
        end.sendall(text[:5])
        time.sleep(0.05)
        end.sendall(text[5:])

    asked, container = engine(speaks)
    ran = execute(container, ["sh", "-c", "true"], variables={"CODE": "c0de"})
    assert (ran.exit_status, ran.output) == (3, "a" * 100_000 + " and b")
    assert asked.asked == {
        "container": "c1",
        "command": ["sh", "-c", "true"],
        "privileged": False,
        "user": "",
        "environment": {"CODE": "c0de"},
    }


def _never_done(end: socket.socket) -> None:
    while True:
        end.sendall(_piece(b"."))
        time.sleep(0.05)


def _silent(end: socket.socket) -> None:
    end.recv(1)


def _in_the_middle(end: socket.socket) -> None:
    end.sendall(_piece(b"half of it")[:12])
    end.recv(1)


@pytest.mark.parametrize("speaks", [_never_done, _silent, _in_the_middle])
def test_a_command_that_does_not_end_is_told_after_the_time_for_all_of_it(engine: Make, speaks: Speaks) -> None:
    _, container = engine(speaks)
    began = time.monotonic()
    with pytest.raises(Unmeasurable, match=r"^sh in exam-backend-1 was not done within 0\.4 s$"):
        execute(container, ["sh"], seconds=0.4)
    assert 0.3 < time.monotonic() - began < 5


def test_the_end_of_a_long_output_is_kept(engine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_exec, "_MOST_BYTES", 10)
    _, container = engine(lambda end: end.sendall(_piece(b"0123456789" * 3) + _piece(b"the end")))
    assert execute(container, ["sh"]).output == "789the end"
