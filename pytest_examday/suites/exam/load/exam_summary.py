"""The times of an exam's load, and its requests in figures."""

from pytest_examday.config.profiles import LoadProfile
from pytest_examday.load.load_summary import Clock, Requests
from pytest_examday.suites.exam.load.candidate_script import Schedule


def exam_sections(schedule: Schedule) -> tuple[tuple[str, float, float], ...]:
    """The parts of the exam, each with its first and last second; those that take no time are left out."""
    _, arrive, steady_until, deadline = schedule
    parts = (("arrivals", 0.0, arrive), ("steady", arrive, steady_until), ("deadline", steady_until, deadline))
    return tuple(part for part in parts if part[2] > part[1])


def exam_clock(begun: float, profile: LoadProfile) -> Clock:
    """The times of a profile's load whose exam began at that moment (epoch)."""
    return Clock(begun, exam_sections(Schedule.of(profile)), profile.ramp_seconds, profile.window_seconds)


def exam_requests(clock: Clock) -> Requests:
    """The requests of candidates, who arrive with their login and may click twice on submit."""
    return Requests(clock, arrival="login", doubled="submit")
