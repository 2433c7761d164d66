"""Watches the machine that runs a rehearsal and its embedded platform: who uses its processors during a load."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from pytest_examday.evidence.figures import MachineUse, Processors
from pytest_examday.observe.watch import Watch

_PROC = Path("/proc")
_INTERVAL_SECONDS = 2.0
_IDLE, _IOWAIT, _STEAL = 3, 4, 7
_BY_PROCESSES = 3
"""So many first fields of `cpu` in /proc/stat are the time of processes (user, nice, system). The time of interrupts is
counted for nobody: packets between our own processes cause it too."""
_FIELDS = 8
"""The number of fields that are read. The fields behind them, guest and guest_nice, are parts of user and nice."""


class _Reading(NamedTuple):
    """Seconds since the machine started: of all processors together, idle, taken by the host of a virtual machine, of
    all processes, of our own; and the time in which some task waited for a processor, None if the kernel does not
    tell."""

    total: float
    idle: float
    stolen: float
    processes: float
    ours: float
    waited: float | None
    clock: float


class MachineWatch(Watch):
    """Reads every two seconds, in a thread, how busy the processors are and with whose work.

    `roots` are our own processes; their descendants are ours too. `proc` is the folder of the kernel's figures.
    """

    def __init__(self, roots: Collection[int], proc: Path = _PROC) -> None:
        super().__init__("examday-machine", _INTERVAL_SECONDS)
        self._roots = roots
        self._proc = proc
        self._readings: list[_Reading] = []

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, value, trace)
        self.read()

    def read(self) -> None:
        """Take one reading; none if the kernel does not provide it."""
        try:
            fields = [
                float(text) for text in (self._proc / "stat").read_text(encoding="utf-8").splitlines()[0].split()[1:]
            ]
            clock = float((self._proc / "uptime").read_text(encoding="utf-8").split()[0])
        except (OSError, ValueError, IndexError):
            return  # the use of the processors stays unmeasured
        ticks = os.sysconf("SC_CLK_TCK")
        seconds = [field / ticks for field in fields[:_FIELDS]]
        if len(seconds) < _FIELDS:
            return
        self._readings.append(
            _Reading(
                total=sum(seconds),
                idle=seconds[_IDLE] + seconds[_IOWAIT],
                stolen=seconds[_STEAL],
                processes=sum(seconds[:_BY_PROCESSES]),
                ours=processor_seconds(self._roots),
                waited=self._waited(),
                clock=clock,
            )
        )

    def _waited(self) -> float | None:
        """The total of `some` in /proc/pressure/cpu. Kernels before 4.20, and those without PSI, have no such file."""
        try:
            some = (self._proc / "pressure" / "cpu").read_text(encoding="utf-8").splitlines()[0]
            return float(some.rpartition("total=")[2]) / 1e6
        except (OSError, ValueError, IndexError):
            return None

    def figures(self) -> MachineUse | None:
        """Who used the processors between each two readings; None if that is unknown."""
        pairs = zip(self._readings, self._readings[1:], strict=False)
        spans = tuple(_between(before, after) for before, after in pairs if after.total > before.total)
        return MachineUse(spans=spans) if spans else None


def _between(before: _Reading, after: _Reading) -> Processors:
    whole = after.total - before.total
    ours = min(max(after.ours - before.ours, 0.0), whole)
    others = min(max(after.processes - before.processes - ours, 0.0), whole)
    waited = None if before.waited is None or after.waited is None else after.waited - before.waited
    seconds = after.clock - before.clock
    return Processors(
        seconds=round(max(seconds, 0.0), 3),
        ours=_share(ours, whole),
        others=_share(others, whole),
        stolen=_share(after.stolen - before.stolen, whole),
        idle=_share(after.idle - before.idle, whole),
        pressure=None if waited is None or seconds <= 0 else _share(waited, seconds),
    )


def _share(part: float, whole: float) -> float:
    return round(min(max(part / whole, 0.0), 1.0), 4)


def processor_seconds(roots: Iterable[int]) -> float:
    """The processor time of these processes and of all their descendants, those included that have ended."""
    import psutil

    times: dict[int, float] = {}
    for root in roots:
        try:
            parent = psutil.Process(root)
            family = [parent, *parent.children(recursive=True)]
        except psutil.Error:
            continue  # it has ended; its time has gone to its parent
        for process in family:
            try:
                used = process.cpu_times()
            except psutil.Error:
                continue  # it ended in between
            times[process.pid] = used.user + used.system + used.children_user + used.children_system
    return sum(times.values())
