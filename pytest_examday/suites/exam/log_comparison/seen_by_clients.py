"""What clients of this run saw: the requests that have to be in the log, and those that are traced in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import GATEWAY_STATUSES
from pytest_examday.evidence.probe import Probe
from pytest_examday.load.samples import Sample, read_samples
from pytest_examday.monotonic_clock import now
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_review import CLOCKS_SECONDS
from pytest_examday.observe.log_waiting import WRITTEN_SECONDS
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.target.target import Target

_TRACE_SAMPLE = 200
_DRILL_SAMPLE = 40


@dataclass(frozen=True)
class SeenByClients:
    """What clients saw in this run.

    `logs_from` is the time from which logs have to be read (seconds since the epoch). `failures` are all replies with
    an error, as request id, status and the time at which they ended. `gateway_errors` counts errors that a proxy
    reported because a drill had cut the connection behind it. `traced` are requests of the load that got a reply,
    evenly spread: each of them is looked for in the log. `outside_fault` are, for each drill, accepted requests of its
    candidates that ended before the fault went in or began after the recovery. `other_ids` maps the ids in replies to
    those that were sent, if they differ.
    """

    logs_from: float
    failures: list[tuple[str, int, float]]
    gateway_errors: int
    traced: list[Sample]
    outside_fault: dict[str, list[Sample]]
    other_ids: dict[str, str] = field(default_factory=dict)

    @property
    def of_load(self) -> TimeSpan | None:
        """The time of the traced requests of the load; None if there are none."""
        if not self.traced:
            return None
        return TimeSpan(min(sample.started for sample in self.traced), max(sample.ended for sample in self.traced))

    @property
    def traced_ids(self) -> frozenset[str]:
        """The requests whose log lines are compared with what their clients saw."""
        return frozenset(sample.request_id for sample in self.traced)

    @property
    def must_be_logged(self) -> frozenset[str]:
        """The requests that have to be in the log, with the right status if they failed."""
        outside_fault = (sample.request_id for samples in self.outside_fault.values() for sample in samples)
        return frozenset((*outside_fault, *(name for name, _, _ in self.failures)))


def disturbed_span(drill: DrillEvidence) -> TimeSpan:
    """The time from the moment at which the fault went in until the platform had recovered."""
    return TimeSpan(drill.injected, drill.after.started)


def seen_by_clients(target: Target, load: LoadEvidence | None, drills: Iterable[DrillEvidence]) -> SeenByClients:
    """Read the samples of the load and of all drills. Raises Unmeasurable if they are damaged."""
    of_load = () if load is None else tuple(target.files.directory / name for name in load.samples)
    files = sorted((target.files.ledger).glob("*.samples.jsonl"))
    spans = {
        Path(name).name: disturbed_span(drill) for drill in drills if drill.cuts_connections for name in drill.samples
    }
    began, failures, gateway_errors = now(), [], 0
    other_ids: dict[str, str] = {}
    try:
        for path, sample in _samples(files):
            began = min(began, sample.started)
            if sample.status is None or sample.status < 400:
                continue
            if _is_cut(sample, spans.get(path.name)):
                gateway_errors += 1
            else:
                failures.append((sample.request_id, sample.status, sample.ended))
                other_ids |= other_ids_of((sample,))
        traced = evenly_spread(_with_reply(of_load))
        outside_fault = {drill.drill: evenly_spread(_outside_fault(target, drill), _DRILL_SAMPLE) for drill in drills}
    except (OSError, ValueError) as problem:
        raise Unmeasurable(f"the samples cannot be read: {problem}") from None
    other_ids |= other_ids_of((*traced, *(in_drill for chosen in outside_fault.values() for in_drill in chosen)))
    return SeenByClients(began - CLOCKS_SECONDS, failures, gateway_errors, traced, outside_fault, other_ids)


def other_ids_of(requests: Iterable[Sample | Probe]) -> dict[str, str]:
    """The id in a reply -> the id that was sent, if they differ."""
    return {
        request.returned_id: request.request_id
        for request in requests
        if request.returned_id is not None and request.request_id is not None
    }


def _samples(files: Iterable[Path]) -> Iterator[tuple[Path, Sample]]:
    for path in files:
        for sample in read_samples(path):
            yield path, sample


def _is_cut(sample: Sample, span: TimeSpan | None) -> bool:
    """Whether a proxy sent the reply because a drill had cut the connection behind it. The platform never finished such
    a request, so it cannot have logged it."""
    if span is None or sample.status not in GATEWAY_STATUSES:
        return False
    return sample.ended >= span.began and sample.started <= span.ended


def _with_reply(files: Iterable[Path]) -> Iterator[Sample]:
    """The requests of these files that got a reply."""
    return (sample for path in files for sample in read_samples(path) if sample.status is not None)


def _outside_fault(target: Target, drill: DrillEvidence) -> Iterator[Sample]:
    """The accepted requests of a drill's candidates that no fault can have kept out of the log."""
    for sample in _with_reply(target.files.directory / name for name in drill.samples):
        before = sample.ended < drill.injected - WRITTEN_SECONDS
        if sample.outcome == "ok" and (before or sample.started > drill.after.started):
            yield sample


def evenly_spread(samples: Iterable[Sample], most: int = _TRACE_SAMPLE) -> list[Sample]:
    """At most so many of the requests, evenly spread. Whenever twice as many are chosen, every second one is dropped
    again."""
    chosen: list[Sample] = []
    step = 1
    for number, sample in enumerate(samples):
        if number % step == 0:
            chosen.append(sample)
        if len(chosen) == 2 * most:
            chosen, step = chosen[::2], 2 * step
    size = min(len(chosen), most)
    return [chosen[number * len(chosen) // size] for number in range(size)]
