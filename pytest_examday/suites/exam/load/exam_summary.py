"""The times and requests of an exam's load, as `load_summary` needs them."""

from pytest_examday.config.profiles import LoadProfile
from pytest_examday.load.load_summary import LoadTimes, RequestSummary
from pytest_examday.suites.exam.load.candidate_script import Schedule


def exam_parts(schedule: Schedule) -> tuple[tuple[str, float, float], ...]:
    """The parts of the exam, each with its name, first and last second. Parts that take no time are left out."""
    _, arrive, last_part_begins, deadline = schedule
    parts = (
        ("arrivals", 0.0, arrive),
        ("answering", arrive, last_part_begins),
        ("deadline", last_part_begins, deadline),
    )
    return tuple(part for part in parts if part[2] > part[1])


def exam_times(begun: float, profile: LoadProfile) -> LoadTimes:
    """The times of a profile's load that began at `begun` (seconds since the epoch)."""
    return LoadTimes(begun, exam_parts(Schedule.of(profile)), profile.ramp_seconds, profile.window_seconds)


def exam_requests(times: LoadTimes) -> RequestSummary:
    """A counter for requests of candidates: they arrive with a login, and may send submit twice."""
    return RequestSummary(times, arrival="login", doubled="submit")
