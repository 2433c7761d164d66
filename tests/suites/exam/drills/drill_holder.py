"""A process that holds the fault of a drill of the exam: `python -m tests.suites.exam.drills.drill_holder --help`."""

import signal
import time
from dataclasses import replace

from pytest_examday.config.profiles import DrillProfile, Profile
from pytest_examday.config.thresholds import Thresholds
from pytest_examday.drills.run_drill import inject_and_wait
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from tests.faults.holder import arguments, target_of

BY_NAME = {drill.name: drill for drill in DRILLS}


class _Watch:
    """Waits while the fault is in. There are no actors and no probes."""

    harm: str | None = None
    gone_by_itself: str | None = None

    def __init__(self, least_seconds: float) -> None:
        self._least_seconds = least_seconds

    def wait(self, seconds: float, injected: float, make_probes: object) -> None:
        """Wait for `seconds`; for a drill that lasts as long as its probes, wait for the least time."""
        print("held", flush=True)
        time.sleep(seconds or self._least_seconds)


def main() -> None:
    """Hold the drill's own fault, as often as it comes and goes, without actors.

    A lease is twice the recovery time longer than the fault stays in.
    """
    parser = arguments()
    parser.add_argument("--drill", choices=BY_NAME, required=True)
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored if the tests are a shell's background job
    profile = Profile(drill=DrillProfile(hold_seconds=given.hold))
    thresholds = Thresholds(recovery_seconds=(given.lease - given.hold) / 2)
    target = target_of(given.state, given.directory, profile=profile, thresholds=thresholds)
    drill = BY_NAME[given.drill]
    fault = drill.fault(target)
    late = min(fault.late_seconds, given.late * len(fault.service.split(", ")))
    inject_and_wait(target, drill, replace(fault, late_seconds=late), None, _Watch(given.hold))


if __name__ == "__main__":
    main()
