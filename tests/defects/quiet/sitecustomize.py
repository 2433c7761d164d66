"""Python imports this at its start: a rehearsal takes this machine to be quiet, however busy it is with other tests, so
that a slow platform is told as slow."""

import sys


def _take_for_quiet() -> None:
    from pytest_examday.observe.machine_watch import MachineWatch

    MachineWatch.figures = lambda watch: None  # type: ignore[method-assign,assignment] # as on a kernel that tells nothing


if "--env" in sys.orig_argv:
    _take_for_quiet()
