"""Network delay without netem: a process holds the container's packets back for a while.

A firewall rule (target NFQUEUE, with bypass) hands packets that leave the container to the process. Without the process
the rule lets packets pass at once, so the delay ends when the process ends, however that happens. The process ends by
itself when the rule or the container is gone.
"""

import argparse
import errno
import heapq
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes import netns

if TYPE_CHECKING:
    from docker.models.containers import Container

_QUEUE = 4711
_RULE = ["OUTPUT", "!", "-o", "lo", "-j", "NFQUEUE", "--queue-num", str(_QUEUE), "--queue-bypass"]
_START_SECONDS = 10
_POLL_SECONDS = 0.2
_REFUSAL_SECONDS = 0.05
"""A kernel that refuses the queue does so within this time."""
_SEEN, _NOT_SEEN = 0, 1
"""Exit statuses of `iptables -C`."""

# linux/netfilter/nfnetlink.h and nfnetlink_queue.h
_NETLINK_NETFILTER = 12
_SOL_NETLINK, _NO_ENOBUFS = 270, 5
_SO_RCVBUFFORCE = 33
_PACKET, _VERDICT, _CONFIG = (3 << 8 | message for message in (0, 1, 2))
_ATTRIBUTE_HEADER, _ATTRIBUTE_VERDICT = 1, 2
_CONFIG_COMMAND, _CONFIG_PARAMETERS, _CONFIG_LENGTH, _CONFIG_MASK, _CONFIG_FLAGS = 1, 2, 3, 4, 5
_BIND, _COPY_META, _ACCEPT = 1, 1, 1
_FAIL_OPEN, _WHOLE_SEGMENTS = 1, 4
_LONGEST_QUEUE = 16_384
_REQUEST, _ERROR_MESSAGE = 1, 2
_BUFFER_BYTES = 1 << 22


class PacketQueue:
    """Delays packets by a process on this machine. It needs root and `iptables`, and delays IPv4 only."""

    def why_not(self, container: "Container") -> str | None:
        """The reason why this way does not work; tried in a new, empty network namespace."""
        try:
            netns.entrance(container)
            tried = netns.run_here(["unshare", "--net", "iptables", "-w", "-I", *_RULE])
        except Unmeasurable as reason:
            return str(reason)
        return (
            None
            if tried.exit_status == 0
            else f"iptables refuses: {(tried.output.splitlines() or ['it said nothing'])[-1]}"
        )

    def delayed(self, container: "Container") -> bool:
        """Whether the firewall rule is there."""
        ran = netns.run_from_here(container, ["iptables", "-w", "-C", *_RULE])
        if ran.exit_status not in (_SEEN, _NOT_SEEN):
            raise Unmeasurable(f"iptables for {container.name}: {ran.output}")
        return ran.exit_status == _SEEN

    def delay(self, container: "Container", milliseconds: int, jitter_milliseconds: int) -> None:
        """Start the process; it adds the firewall rule when it is ready to take packets."""
        entrance = netns.entrance(container)
        command = [sys.executable, "-m", __name__, entrance[2], str(milliseconds), str(jitter_milliseconds)]
        _start_holder([*entrance, *command], str(container.name))

    def undelay(self, container: "Container") -> None:
        """Remove every copy of the firewall rule; the process then ends by itself."""
        while self.delayed(container):
            ran = netns.run_from_here(container, ["iptables", "-w", "-D", *_RULE])
            if ran.exit_status != 0:
                raise Unmeasurable(f"iptables for {container.name}: {ran.output}")
        self._await_end(container)

    def _await_end(self, container: "Container") -> None:
        """Wait until no process takes packets from the queue, so that the next delay can."""
        deadline = time.monotonic() + _START_SECONDS
        while any(int(line.split()[0]) == _QUEUE for line in self._queues(container)):
            if time.monotonic() > deadline:
                raise Unmeasurable(f"a process still holds packets of {container.name} back")
            time.sleep(_POLL_SECONDS / 4)

    def _queues(self, container: "Container") -> list[str]:
        ran = netns.run_from_here(container, ["cat", "/proc/net/netfilter/nfnetlink_queue"])
        return ran.output.splitlines() if ran.exit_status == 0 else []


def _start_holder(command: list[str], container: str) -> None:
    """Start the process apart from this one, and return when it takes packets."""
    with subprocess.Popen(
        ["setsid", "--fork", *command],  # noqa: S607 (root's path)
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as forking:
        output = forking.stdout
        readable = [] if output is None else select.select([output], [], [], _START_SECONDS)[0]
        message = output.readline().decode(errors="replace").strip() if output and readable else "it said nothing"
    if message != "ready":
        raise Unmeasurable(f"packets of {container} cannot be held back: {message}")


class Holder:
    """Takes packets from the kernel, and gives each back when its delay is over, in the order of arrival."""

    def __init__(self, milliseconds: int, jitter_milliseconds: int) -> None:
        self._delay = milliseconds / 1000
        self._jitter = jitter_milliseconds / 1000
        self._held: list[tuple[float, int]] = []
        self._last_due = 0.0
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        # Packets that come faster than they are read pass (_FAIL_OPEN), and are no error.
        self._socket.setsockopt(_SOL_NETLINK, _NO_ENOBUFS, 1)
        self._socket.bind((0, 0))
        for attribute in _settings():
            self._send(_CONFIG, attribute)

    def turn(self, seconds: float) -> None:
        """Take packets for at most `seconds`, and give back those whose delay is over."""
        due = self._held[0][0] - time.monotonic() if self._held else seconds
        if select.select([self._socket], [], [], max(0.0, min(due, seconds)))[0]:
            for packet in _packets(self._socket.recv(_BUFFER_BYTES)):
                self._hold(packet)
        while self._held and self._held[0][0] <= time.monotonic():
            self._pass(heapq.heappop(self._held)[1])

    def release(self) -> None:
        """Give all packets back now."""
        while self._held:
            self._pass(heapq.heappop(self._held)[1])

    def _hold(self, packet: int) -> None:
        wait = max(0.0, self._delay + random.uniform(-self._jitter, self._jitter))
        self._last_due = max(self._last_due, time.monotonic() + wait)
        heapq.heappush(self._held, (self._last_due, packet))

    def _pass(self, packet: int) -> None:
        self._send(_VERDICT, _attribute(_ATTRIBUTE_VERDICT, struct.pack(">II", _ACCEPT, packet)))

    def _send(self, kind: int, attribute: bytes) -> None:
        family_version_queue = struct.pack(">BBH", socket.AF_UNSPEC, 0, _QUEUE)
        length = 16 + len(family_version_queue) + len(attribute)
        self._socket.send(struct.pack("=IHHII", length, kind, _REQUEST, 0, 0) + family_version_queue + attribute)


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _settings() -> Iterator[bytes]:
    """The netlink message that takes the queue: without the contents of packets; if the queue is full, packets
    pass."""
    yield _attribute(_CONFIG_COMMAND, struct.pack(">BBH", _BIND, 0, 0))
    yield _attribute(_CONFIG_PARAMETERS, struct.pack(">IB", 0, _COPY_META))
    yield _attribute(_CONFIG_LENGTH, struct.pack(">I", _LONGEST_QUEUE))
    flags = struct.pack(">I", _FAIL_OPEN | _WHOLE_SEGMENTS)
    yield _attribute(_CONFIG_FLAGS, flags) + _attribute(_CONFIG_MASK, flags)


def _packets(data: bytes) -> Iterator[int]:
    """The ids of the packets in a message of the kernel. Raises OSError if the kernel refused a request."""
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        if kind == _ERROR_MESSAGE and (code := -struct.unpack_from("=i", data, 16)[0]):
            raise OSError(code, os.strerror(code))
        if kind == _PACKET:
            yield from _numbers(data[20:length])
        data = data[(length + 3) & ~3 :]


def _numbers(attributes: bytes) -> Iterator[int]:
    while len(attributes) >= 4:
        length, kind = struct.unpack_from("=HH", attributes)
        if kind & 0x3FFF == _ATTRIBUTE_HEADER:
            yield struct.unpack_from(">I", attributes, 4)[0]
        attributes = attributes[(length + 3) & ~3 :]


def _iptables(act: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["iptables", "-w", act, *_RULE], capture_output=True, check=False)  # noqa: S607 (root's path)


def hold(pid: int, milliseconds: int, jitter_milliseconds: int) -> None:
    """Hold packets back until the firewall rule, or the process with this id, is gone.

    Raises OSError if the kernel refuses the queue or the rule.
    """
    watched = os.pidfd_open(pid)
    holder = Holder(milliseconds, jitter_milliseconds)
    holder.turn(_REFUSAL_SECONDS)
    refused = _iptables("-I")
    if refused.returncode != 0:
        raise OSError(errno.EPERM, refused.stderr.decode(errors="replace").strip())
    print("ready", flush=True)  # noqa: T201 (who started us waits for it)
    checked_at = time.monotonic()
    while not select.select([watched], [], [], 0)[0]:
        holder.turn(_POLL_SECONDS)
        if time.monotonic() - checked_at >= _POLL_SECONDS:
            if _iptables("-C").returncode != 0:
                break
            checked_at = time.monotonic()
    holder.release()


def main() -> int:
    """Run `python -m pytest_examday.runtimes.packet_queue PID MILLISECONDS JITTER` in the network of the process
    PID."""
    parser = argparse.ArgumentParser(description="Hold back the packets that leave this network.")
    for name in ("pid", "milliseconds", "jitter"):
        parser.add_argument(name, type=int)
    options = parser.parse_args()
    try:
        hold(options.pid, options.milliseconds, options.jitter)
    except OSError as problem:
        print(f"packet queue: {problem.strerror}", flush=True)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
