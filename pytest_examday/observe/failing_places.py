"""Finds, in the platform's own logs, which worker the failed requests of an operation came to."""

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

    A log is that of one worker where each has its own. Empty where no operation is asked for, where logs cannot be
    read, and for an operation whose requests are in one log alone, which tells no worker from another.
    """
    if not operations:
        return {}
    asked = {
        name: one for one in samples if one.operation in operations and one.outcome not in UNJUDGED for name in one.ids
    }
    time.sleep(_WRITTEN_SECONDS)
    counts: defaultdict[str, defaultdict[str, Counter[bool]]] = defaultdict(lambda: defaultdict(Counter))
    try:
        for requests in _requests(environment, runtime, since - _BEFORE_SECONDS):
            for name in map(str, requests.values(requests.form.request_id)):
                sample = asked.pop(name, None)
                if sample is not None:
                    for other in sample.ids:
                        asked.pop(other, None)
                    counts[sample.operation][Path(requests.file).stem][sample.outcome in ERRORS] += 1
    except Unmeasurable:
        return {}  # phase 6 tells that logs cannot be read
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
