"""Who uses the processors of the machine during a load, from the kernel's figures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_examday.evidence.figures import Processors
from pytest_examday.observe import machine_watch
from pytest_examday.observe.machine_watch import MachineWatch, processor_seconds

TICKS = os.sysconf("SC_CLK_TCK")


class Kernel:
    """The kernel's figures of a machine with two processors, and the processor time of our own processes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, pressure: bool = True) -> None:
        self.folder = folder
        self.ours = 50.0
        self._pressure = pressure
        self._clock = self._others = self._idle = self._stolen = self._waited = 1000.0
        monkeypatch.setattr(machine_watch, "processor_seconds", lambda roots: self.ours)
        self.passes(0)

    def passes(
        self, seconds: float, *, ours: float = 0, others: float = 0, stolen: float = 0, waited: float = 0
    ) -> None:
        """So many seconds are over, in which processors worked as long as said, in seconds."""
        self._clock += seconds
        self.ours += ours
        self._others += others
        self._stolen += stolen
        self._waited += waited
        self._idle += 2 * seconds - ours - others - stolen
        used, idle, stolen = (round(value * TICKS) for value in (self.ours + self._others, self._idle, self._stolen))
        (self.folder / "stat").write_text(f"cpu  {used} 0 0 {idle} 0 0 0 {stolen} 0 0\ncpu0 1 2 3\n")
        (self.folder / "uptime").write_text(f"{self._clock:.2f} 99.00\n")
        if self._pressure:
            (self.folder / "pressure").mkdir(exist_ok=True)
            some = f"some avg10=1.00 avg60=1.00 avg300=1.00 total={self._waited * 1e6:.0f}\n"
            (self.folder / "pressure" / "cpu").write_text(f"{some}full avg10=0.00 total=0\n")


def _watched(kernel: Kernel, **passes: float) -> Processors:
    watch = MachineWatch((), kernel.folder)
    watch.read()
    kernel.passes(10, **passes)
    watch.read()
    figures = watch.figures()
    assert figures is not None
    (span,) = figures.spans
    return span


def test_the_time_of_other_processes_is_what_is_neither_ours_nor_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = _watched(Kernel(tmp_path, monkeypatch), ours=8, others=6, stolen=2, waited=5)
    assert span == Processors(seconds=10, ours=0.4, others=0.3, stolen=0.1, idle=0.2, pressure=0.5)
    assert span.taken == pytest.approx(0.4)


def test_a_platform_that_uses_the_whole_machine_leaves_nothing_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = _watched(Kernel(tmp_path, monkeypatch), ours=20, waited=10)
    assert (span.ours, span.taken, span.pressure) == (1, 0, 1)


def test_without_pressure_figures_the_shares_are_known_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = _watched(Kernel(tmp_path, monkeypatch, pressure=False), ours=5, others=5)
    assert (span.others, span.pressure) == (0.25, None)


@pytest.mark.parametrize("stat", [None, "", "cpu  1 2\n", "cpu  a b c d e f g h\n"])
def test_a_kernel_that_does_not_tell_leaves_it_unmeasured(tmp_path: Path, stat: str | None) -> None:
    (tmp_path / "uptime").write_text("5.00 9.00\n")
    if stat is not None:
        (tmp_path / "stat").write_text(stat)
    with MachineWatch((), tmp_path) as watch:
        pass
    assert watch.figures() is None


def test_the_figures_of_this_machine_can_be_read() -> None:
    with MachineWatch((os.getpid(),)) as watch:
        subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    figures = watch.figures()
    assert figures is not None
    assert sum(span.ours for span in figures.spans) > 0


def test_the_time_of_descendants_is_ours_even_after_they_have_ended() -> None:
    before = processor_seconds((os.getpid(),))
    code = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert processor_seconds((os.getpid(),)) - before >= 0.28, "0.3 s, counted in ticks of 0.01 s"


def test_a_process_is_counted_once_and_one_that_has_ended_not_at_all() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    once = processor_seconds((os.getpid(),))
    assert processor_seconds((os.getpid(), os.getpid(), ended.pid)) - once < once + 0.5
