"""Finds in the platform's own logs the workers that got the failed requests of an operation."""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from pytest_examday.config.environment import Environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import ERRORS, UNJUDGED, ErrorCount
from pytest_examday.load.samples import Sample
from pytest_examday.observe.log_block import LogBlock
from pytest_examday.observe.log_reader import LogReader
from pytest_examday.runtimes.base import Runtime

_BEFORE_SECONDS, _WRITTEN_SECONDS = 60, 1
"""Logs are read from so long before the load, because clocks differ, and so long after it, because a worker may write a
line late."""


def failing_places(
    environment: Environment, runtime: Runtime, since: float, samples: Iterable[Sample], operations: Collection[str]
) -> dict[str, dict[str, ErrorCount]]:
    """The requests of these operations by the log in which they are: operation -> log -> how many failed.

    A log belongs to one worker if each worker has its own. The result is empty if no operation is asked for or if logs
    cannot be read. An operation is left out if all its requests are in one log, which does not distinguish workers.
    """
    if not operations:
        return {}
    sample_by_id = {
        name: sample
        for sample in samples
        if sample.operation in operations and sample.outcome not in UNJUDGED
        for name in sample.ids
    }
    time.sleep(_WRITTEN_SECONDS)
    counts: defaultdict[str, defaultdict[str, Counter[bool]]] = defaultdict(lambda: defaultdict(Counter))
    try:
        for requests in _requests(environment, runtime, since - _BEFORE_SECONDS):
            for name in map(str, requests.values(requests.form.request_id)):
                sample = sample_by_id.pop(name, None)
                if sample is not None:
                    for other in sample.ids:
                        sample_by_id.pop(other, None)
                    counts[sample.operation][Path(requests.file).stem][sample.outcome in ERRORS] += 1
    except Unmeasurable:
        return {}  # phase 6 reports that logs cannot be read
    return {
        operation: {
            place: ErrorCount(judged=ended.total(), errors=ended[True]) for place, ended in sorted(by_place.items())
        }
        for operation, by_place in sorted(counts.items())
        if len(by_place) > 1
    }


def _requests(environment: Environment, runtime: Runtime, since: float) -> Iterator[LogBlock]:
    for block in LogReader(environment, runtime, lambda form: (form.request_id, form.is_request)).blocks(since):
        yield block.requests.between(since, math.inf)
