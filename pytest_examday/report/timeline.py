"""Requests of a drill second by second, for its picture."""

from dataclasses import dataclass
from pathlib import Path

from pytest_examday.evidence.figures import ERRORS
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.load.samples import Sample, read_samples

_MOST_SLICES = 80


@dataclass(frozen=True)
class Slice:
    """What was sent within a short span; times are seconds since the epoch."""

    started: float
    ended: float
    succeeded: int
    failed: int


def slices(directory: Path | None, drill: DrillEvidence) -> tuple[Slice, ...]:
    """The drill in seconds, or longer steps for a long drill; nothing where its samples cannot be read.

    The stages' counts, which are evidence, stand beside the picture in any case.
    """
    try:
        samples = read_samples(directory / drill.samples) if directory else []
    except (OSError, ValueError, TypeError):
        samples = []
    return _cut(samples, drill.before.started, drill.after.ended)


def _cut(samples: list[Sample], began: float, ended: float) -> tuple[Slice, ...]:
    width = max(1.0, (ended - began) / _MOST_SLICES)
    groups: dict[int, list[Sample]] = {}
    for sample in samples:
        if began <= sample.started <= ended:
            groups.setdefault(int((sample.started - began) / width), []).append(sample)
    return tuple(
        Slice(
            started=began + number * width,
            ended=min(began + (number + 1) * width, ended),
            succeeded=sum(sample.outcome == "ok" for sample in group),
            failed=sum(sample.outcome in ERRORS for sample in group),
        )
        for number, group in sorted(groups.items())
    )
