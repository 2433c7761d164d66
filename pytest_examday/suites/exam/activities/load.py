"""Phase 2: candidates sit a whole exam while the pool is watched."""

import time

from pytest_examday.config.profiles import Shape
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import Generator, PoolFigures
from pytest_examday.integrity.harmed_actors import harmed_by_waiting
from pytest_examday.load.ledger import count
from pytest_examday.load.load_files import LoadFiles
from pytest_examday.load.load_summary import (
    Begun,
    Clock,
    Due,
    Requests,
)
from pytest_examday.observe.pool_watch import PoolWatch
from pytest_examday.suites.exam.evidence import ExamSchedule, LoadEvidence
from pytest_examday.suites.exam.load.candidate_script import Schedule
from pytest_examday.suites.exam.load.exam_loads import exam_load
from pytest_examday.suites.exam.load.exam_summary import exam_clock, exam_requests
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
    target.run.progress.say(
        f"load: {profile.candidates} candidates arrive within {profile.arrive_seconds:.0f} s, the exam ends after "
        f"{profile.exam_seconds:.0f} s"
    )
    started = time.time()
    with PoolWatch(target.connections) as watch, load:
        generator = load.wait(profile.exam_seconds + 2 * profile.habits.patience_seconds)
    return evidence_of(target, load, generator, watch, started, time.time())


def evidence_of(
    target: Target, load: LoadFiles, generator: Generator, watch: PoolWatch, started: float, ended: float
) -> LoadEvidence:
    """The evidence of a load that has ended. Raises Unmeasurable if its files cannot be read."""
    profile = target.environment.profile.load
    clock = exam_clock(load.begun, profile)
    due, begun = Due.of(load.plans, clock), Begun(clock)
    writes = count(begun.noting(load.writes()))
    requests = _requests(load, clock)
    fates = load.fates()
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
        steady=requests.steady(),
        sections=requests.sections(),
        windows=requests.windows(due, begun),
        planned=dict(due.by_operation),
        arrivals=requests.arrivals(due),
        histograms=requests.histograms(),
        writes=writes,
        simultaneous_submits=requests.simultaneous,
        generator=generator,
        pool=watch.figures() if load.watched else PoolFigures(samples=0, source=_UNWATCHED),
        redis_connection_failures=watch.redis_errors if load.watched else None,
        redis_reconnects=watch.redis_reconnects if load.watched else None,
        ready_degraded=watch.degraded,
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
    )


def _requests(load: LoadFiles, clock: Clock) -> Requests:
    try:
        return exam_requests(clock).read(load.samples())
    except (OSError, ValueError) as problem:
        raise Unmeasurable(f"the samples cannot be read: {problem}") from None


def _schedule(begun: float, schedule: Schedule) -> ExamSchedule:
    return ExamSchedule(begins=begun, steady_until=begun + schedule.steady_until, deadline=begun + schedule.deadline)
