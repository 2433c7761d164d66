"""The gate on exam mode."""

from pytest_examday.evidence.phases import FreezeEvidence
from pytest_examday.suites.exam.gates.bench import Bench, Case


def exam_mode_verified(bench: Bench, case: Case) -> None:
    """Exam mode is on wherever it can be read, every guard refuses, every job skips, and exams go on."""
    freeze = bench.record("freeze", FreezeEvidence)
    case.doubt_if(not freeze.exam_mode_readings, "exam mode was never read")
    off = [reading for reading in freeze.exam_mode_readings if reading is not True]
    case.fail_if(bool(off), f"exam mode is not on in {len(off)} of {len(freeze.exam_mode_readings)} readings")
    for worker, value in freeze.exam_mode_environment.items():
        case.fail_if(str(value).lower() != "true", f"{worker} runs with exam mode {value!r}")
    for kind, probes in (("guard", freeze.guards), ("allowed", freeze.allowed), ("job", freeze.jobs)):
        case.doubt_if(not probes, f"no {kind} was tried")
        for probe in probes:
            case.fail_if(not probe.passed, f"{kind} {probe.name}: {probe.detail}")
    for probe in freeze.endpoints:
        case.fail_if(not probe.passed, f"{probe.name} does not work: {probe.detail}")
    case.ground(f"exam mode on, {len(freeze.guards)} guards refuse, {len(freeze.jobs)} jobs skip")
