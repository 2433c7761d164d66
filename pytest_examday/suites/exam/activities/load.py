"""Phase 2: candidates sit a whole exam while the pool is watched."""

from contextlib import nullcontext

from pytest_examday.config.profiles import Shape
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import DatabasePoolFigures, ErrorCount, GeneratorFigures, MachineUse, MemoryFigures
from pytest_examday.integrity.harmed_actors import harmed_by_waiting
from pytest_examday.load.ledger import count_writes
from pytest_examday.load.load_files import LoadFiles
from pytest_examday.load.load_summary import (
    BegunWrites,
    LoadTimes,
    PlannedWrites,
    RequestSummary,
)
from pytest_examday.monotonic_clock import now
from pytest_examday.observe.failing_places import failing_places
from pytest_examday.observe.machine_watch import MachineWatch
from pytest_examday.observe.memory_watch import MemoryWatch
from pytest_examday.observe.metrics_watch import MetricsWatch
from pytest_examday.suites.exam.evidence import ExamSchedule, LoadEvidence
from pytest_examday.suites.exam.exam_mode.exam_mode_afterwards import exam_mode_again
from pytest_examday.suites.exam.exam_mode.exam_mode_meanwhile import ExamModeMeanwhile
from pytest_examday.suites.exam.load.candidate_script import Schedule
from pytest_examday.suites.exam.load.exam_loads import exam_load
from pytest_examday.suites.exam.load.exam_summary import exam_requests, exam_times
from pytest_examday.suites.exam.load.recheck_passwords import recheck_passwords
from pytest_examday.suites.exam.load.right_choices import compare_right_choices
from pytest_examday.target.own_processes import own_processes
from pytest_examday.target.target import Target

_ACTIVITY = "load"
_UNWATCHED = "not watched: the candidates were at work before the rehearsal could look"
_TEST_TYPES: dict[Shape, str] = {
    "exam": "session creation, answer submission and submit: the whole exam",
    "start": "the whole exam, with all sessions created at one moment",
    "sessions": "session creation alone",
    "answers": "session creation and answer submission, without submit",
    "submit": "session creation and the submit spike, without answers",
}


def gather(target: Target) -> LoadEvidence:
    """Run the profile's load to its end. Raises Unmeasurable if it cannot be run or its files cannot be read."""
    profile = target.environment.profile.load
    load = exam_load(target, _ACTIVITY, profile)
    target.files.progress.say(
        f"load: {profile.candidates} candidates arrive within {profile.arrive_seconds:.0f} s, the exam ends after "
        f"{profile.exam_seconds:.0f} s"
    )
    started = now()
    roots = own_processes(target)
    machine = None if roots is None else MachineWatch(roots)
    meanwhile = ExamModeMeanwhile(target, profile.exam_seconds / 2)
    memory = MemoryWatch(target.runtime, profile.exam_seconds)
    with MetricsWatch(target.connections) as watch, memory, machine or nullcontext(), load, meanwhile:
        generator = load.wait(profile.exam_seconds + 2 * profile.habits.patience_seconds)
    ended = now()
    used = None if machine is None else machine.figures()
    evidence = evidence_of(target, load, generator, watch, started, ended, used)
    target.files.progress.say("load: reading exam mode and trying protected operations again")
    found: dict[str, object] = {"exam_mode": exam_mode_again(target), "exam_mode_meanwhile": meanwhile.seen}
    if load.can_be_watched:
        found |= {"process_memory": memory.figures(), "open_files": memory.open_files()}
    return evidence.model_copy(update=found)


def evidence_of(
    target: Target,
    load: LoadFiles,
    generator: GeneratorFigures,
    watch: MetricsWatch,
    started: float,
    ended: float,
    machine: MachineUse | None = None,
) -> LoadEvidence:
    """The evidence of a load that has ended. Raises Unmeasurable if its files cannot be read."""
    profile = target.environment.profile.load
    clock = exam_times(load.begun, profile)
    due, begun = PlannedWrites.of(load.plans, clock), BegunWrites(clock)
    writes = count_writes(begun.counted(load.writes()))
    fates = recheck_passwords(target, compare_right_choices(load.fates()))
    outside = frozenset(fate.actor for fate in fates if fate.password_doubted)
    requests = _requests(load, clock, outside)
    schedule = _schedule(load.begun, Schedule.of(profile))
    return LoadEvidence(
        profile=target.environment.profile.name,
        test_type=_TEST_TYPES[profile.shape],
        candidates=profile.candidates,
        started=started,
        ended=ended,
        engine=load.engine,
        shape=profile.shape,
        schedule=schedule,
        operations=requests.operations(),
        overall=requests.overall(),
        steady=requests.after_ramp(),
        parts=requests.parts(),
        windows=requests.windows(due, begun),
        planned=dict(due.by_operation),
        arrivals=requests.arrivals(due),
        histograms=requests.histograms(),
        slowest=requests.slowest_actors(),
        writes=writes,
        simultaneous_submits=requests.simultaneous,
        generator=generator,
        pool=watch.figures() if load.can_be_watched else DatabasePoolFigures(samples=0, source=_UNWATCHED),
        redis_connection_failures=watch.redis_errors if load.can_be_watched else None,
        redis_reconnects=watch.redis_reconnects if load.can_be_watched else None,
        ready_degraded=watch.degraded,
        ready_readings=watch.ready_readings if load.can_be_watched else None,
        ready_silent=watch.ready_silent,
        memory=watch.memory() if load.can_be_watched else MemoryFigures(samples=0, source=_UNWATCHED),
        fates=fates,
        harmed=harmed_by_waiting(
            fates,
            target.environment.thresholds.max_wait_seconds,
            _ACTIVITY,
            submits=profile.submits,
            deadline=schedule.deadline if profile.submits else None,
        ),
        ledgers=tuple(f"ledger/{name}" for name in load.ledgers),
        samples=tuple(f"ledger/{path.name}" for path in load.samples_files),
        machine=machine,
        failing_places=_failing_places(target, load, started, requests, outside),
    )


def _failing_places(
    target: Target, load: LoadFiles, started: float, requests: RequestSummary, outside: frozenset[str]
) -> dict[str, dict[str, ErrorCount]]:
    limit = target.environment.thresholds.error_rate
    failing = {
        figures.operation
        for figures in requests.operations()
        if figures.errors > 1 and (figures.error_rate or 0.0) >= limit
    }
    samples = (sample for sample in load.samples() if sample.actor not in outside)
    return failing_places(target.environment, target.runtime, started, samples, failing)


def _requests(load: LoadFiles, clock: LoadTimes, outside: frozenset[str]) -> RequestSummary:
    """The figures of all requests but for the logins of those whose password is doubted."""
    try:
        return exam_requests(clock).read(sample for sample in load.samples() if sample.actor not in outside)
    except (OSError, ValueError) as problem:
        raise Unmeasurable(f"the samples cannot be read: {problem}") from None


def _schedule(begun: float, schedule: Schedule) -> ExamSchedule:
    return ExamSchedule(
        begins=begun, last_part_begins=begun + schedule.last_part_begins, deadline=begun + schedule.deadline
    )
