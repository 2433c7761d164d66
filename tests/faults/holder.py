"""A process that holds a fault and meets its end at a moment of choice: `python -m tests.faults.holder --help`."""

import argparse
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import EmbeddedSettings
from pytest_examday.faults.fault import service_down
from pytest_examday.faults.fault_in_place import fault_in_place
from pytest_examday.faults.journal import Journal
from pytest_examday.faults.undo import StartService
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.target.target import Target

MOMENTS = ("watched", "intended", "asked", "held", "removing", "removed")
"""The watchdog stands ready; the line is on disk; the fault was asked for and not yet noted; it is in; it is about to
be taken out; it was taken out and that is not yet noted."""


def target_of(state: Path, directory: Path, **settings: Any) -> Target:
    """A run attached to the platform of that state file; `settings` are further ones of its environment."""
    for folder in ("evidence", "ledger", "logs"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    runtime = EmbeddedSettings(kind="embedded", state=state)
    environment = Environment(name="staging", runtime=runtime, allow=("read", "write", "disrupt"), **settings)
    return Target(environment, RunFiles(directory, Redactor()), os.getpid())


def _end_at(moment: str | None, end: Callable[[], None]) -> Callable[[str], None]:
    return lambda now: end() if now == moment else None


def _arrange(reach: Callable[[str], None]) -> None:
    """Let the moments be reached when the drill passes them."""
    note, carry_out = Journal.note, StartService.carry_out

    def noting(self: Journal, entry: Any) -> None:
        reach({"intended": "watched", "in": "asked", "out": "removed"}.get(entry.event, ""))
        note(self, entry)
        reach("intended" if entry.event == "intended" else "")

    def carrying_out(self: StartService, runtime: Any) -> None:
        reach("removing")
        carry_out(self, runtime)

    Journal.note = noting  # type: ignore[method-assign]
    StartService.carry_out = carrying_out  # type: ignore[method-assign]


def _meet(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(0 if number == signal.SIGSTOP else 60)


def _hold_service(given: argparse.Namespace, reach: Callable[[str], None]) -> None:
    target = target_of(given.state, given.directory)
    parts = target.runtime.workers() if given.service == "backend" else ()
    fault = service_down(target, f"{given.service} away", given.service, abruptly=given.abruptly, parts=parts)
    with fault_in_place(target, replace(fault, late_seconds=given.late), given.lease):
        reach("held")
        print("held", flush=True)
        time.sleep(given.hold)


def arguments() -> argparse.ArgumentParser:
    """The command line of a holder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("state", type=Path)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--service", default="redis")
    parser.add_argument("--abruptly", action="store_true")
    parser.add_argument("--lease", type=float, default=600)
    parser.add_argument("--late", type=float, default=1.5, help="for each service of the fault")
    parser.add_argument("--hold", type=float, default=0.2)
    parser.add_argument("--moment", choices=MOMENTS)
    parser.add_argument("--signal", type=int, default=int(signal.SIGKILL))
    return parser


def main() -> None:
    """Hold one fault."""
    given = arguments().parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored if the tests are a shell's background job
    reach = _end_at(given.moment, lambda: _meet(given.signal))
    _arrange(reach)
    _hold_service(given, reach)


if __name__ == "__main__":
    main()
