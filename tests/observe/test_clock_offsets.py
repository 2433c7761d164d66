"""Log lines whose times are far from those of their requests."""

import pytest

from pytest_examday.contract.embedded_preset import LOG_FORMAT
from pytest_examday.observe.clock_offsets import clock_offsets
from pytest_examday.observe.log_line import LogLine
from tests.builders import EPOCH, sample


def _logged(file: str, *seconds: float) -> list[tuple[object, LogLine]]:
    """Requests, each logged so many seconds after its end."""
    made = [sample(at=float(number)) for number in range(len(seconds))]
    return [(one, LogLine(file, one.ended + late, {}, LOG_FORMAT)) for one, late in zip(made, seconds, strict=True)]


@pytest.mark.parametrize(
    ("seconds", "offsets"),
    [
        ((0.1, 0.1), {"a.log": 0.1}),
        ((-300.0, -300.2, -299.9), {"a.log": -300.0}),
        ((3600.0,), {"a.log": 3600.0}),
        ((0.1, 0.1, 400.0), {"a.log": 0.1}),
    ],
    ids=["in time", "behind", "ahead", "one line alone"],
)
def test_the_clock_of_a_log_is_the_median_of_its_lines(seconds: tuple[float, ...], offsets: dict[str, float]) -> None:
    assert clock_offsets(_logged("a.log", *seconds)) == offsets  # type: ignore[arg-type] # samples of a builder


def test_lines_of_one_operation_with_another_clock_are_named_beside_their_log() -> None:
    logged = [
        (sample(name, at=float(number)), LogLine("a.log", EPOCH + number + late, {}, LOG_FORMAT))
        for name, late, count in (("answer", 0.1, 20), ("read", 3600.0, 5), ("create", -40.0, 2))
        for number in range(count)
    ]
    assert clock_offsets(logged) == {"a.log": 0.1, "read in a.log": 3600.0}


def test_each_log_has_a_clock_of_its_own() -> None:
    logged = _logged("a.log", 0.1) + _logged("b.log", -300.0)
    assert clock_offsets(logged) == {"a.log": 0.1, "b.log": -300.0}  # type: ignore[arg-type] # samples of a builder
