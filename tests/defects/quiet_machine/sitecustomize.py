"""Python imports this module when it starts. In a rehearsal it switches off the measurement of who uses the processors.

Other tests may use the processors meanwhile. Without the measurement the rehearsal judges a slow platform as slow, and
not as INCONCLUSIVE because of a busy machine.
"""

import sys


def _switch_off_machine_watch() -> None:
    from pytest_examday.observe.machine_watch import MachineWatch

    MachineWatch.figures = lambda watch: None  # type: ignore[method-assign,assignment] # no measurement


if "--env" in sys.orig_argv:
    _switch_off_machine_watch()
