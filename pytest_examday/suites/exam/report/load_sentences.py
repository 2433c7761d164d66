"""Sentences about a load: what was delivered, its parts, its deadline, and how requests failed."""

from pytest_examday.evidence.figures import Arrivals, GeneratorFigures, LoadPart, RequestOutcome
from pytest_examday.report.figure_words import (
    milliseconds,
    percent,
    plural,
    seconds,
)
from pytest_examday.suites.exam.evidence import LoadEvidence

_PARTS = {"arrivals": "arriving", "answering": "answering", "deadline": "before the deadline"}
_KINDS: dict[RequestOutcome, str] = {
    "expired": "token refused and renewed (401)",
    "client_error": "refused as wrong (4xx)",
    "server_error": "failed in the platform (5xx)",
    "unexpected": "answered with an unusable body",
    "timeout": "not answered in time",
    "transport": "connection broke",
}


def delivery_sentence(load: LoadEvidence) -> str:
    """How much of the load was delivered: writes, arrivals, and the effort of the generator."""
    generator = load.generator
    return (
        f"{generator.delivered_actions} of {generator.planned_actions} planned writes were begun; "
        f"{_arrivals(load.arrivals)}; load engine {load.engine}, {_processes(generator.processes)}{_effort(generator)}"
    )


def _processes(count: int) -> str:
    return "1 process" if count == 1 else f"{count} processes"


def _arrivals(came: Arrivals | None) -> str:
    if came is None or came.late_p95_ms is None:
        return "arrivals not measured"
    late = f"95 of 100 no later than {milliseconds(came.late_p95_ms)} after their time"
    return f"{came.actual} of {came.planned} candidates arrived, {late}"


def _effort(generator: GeneratorFigures) -> str:
    lag = f", its own delay {milliseconds(generator.lag_p95_ms) or 'not measured'} (p95)"
    busy = percent(generator.cpu_peak_share, 0)
    return f"{lag}, {busy} of a processor at its busiest" if busy else f"{lag}, processor use not measured"


def part_sentence(part: LoadPart) -> str:
    """What candidates met in one part of the exam."""
    overall = part.overall
    name = f"{_PARTS.get(part.name, part.name)} ({seconds(part.ended - part.started)})"
    if overall.requests == 0:
        return f"{name}: nothing was sent"
    response_time = milliseconds(overall.response_p95_ms) or "not measured"
    return (
        f"{name}: {plural(overall.requests, 'request')}, {overall.errors} failed, p95 "
        f"{milliseconds(overall.p95_ms) or 'not measured'}, response time {response_time}"
    )


def deadline_sentence(load: LoadEvidence) -> str | None:
    """How many submissions were accepted in time; None if the load had no deadline or no time is known."""
    finished = [fate.finished_at for fate in load.fates if fate.finished_at is not None]
    if load.schedule is None or "submit" in load.left_out or not finished:
        return None
    deadline = load.schedule.deadline
    in_time = sum(at <= deadline for at in finished)
    spare = deadline - max(finished)
    last = f"{seconds(spare)} before it" if spare >= 0 else f"{seconds(-spare)} after it"
    everyone = plural(len(load.fates), "candidate")
    return f"{in_time} of {everyone} submitted in time, the last submission was accepted {last}"


def errors_by_kind(load: LoadEvidence) -> str:
    """Which requests failed, and how."""
    found = [
        f"{words}: {count} ({_where(load, kind)})"
        for kind, words in _KINDS.items()
        if (count := load.overall.by_outcome.get(kind, 0))
    ]
    return "; ".join(found) or "none"


def _where(load: LoadEvidence, kind: RequestOutcome) -> str:
    counts = [(figures.operation, figures.by_outcome.get(kind, 0)) for figures in load.operations]
    return ", ".join(f"{operation} {count}" for operation, count in counts if count)
