"""A figure is written so that a reader sees on which side of its limit it is."""

import pytest

from pytest_examday.core.limit_words import MILLISECONDS, PER_CENT, SECONDS, WHOLE_PER_CENT, Unit, against, shown


@pytest.mark.parametrize(
    ("figure", "limit", "unit", "text"),
    [
        (512.4, 500, MILLISECONDS, "512 ms, limit 500 ms"),
        (500.3, 500, MILLISECONDS, "500.3 ms, limit 500 ms"),
        (499.96, 500, MILLISECONDS, "499.96 ms, limit 500 ms"),
        (500.4, 500.3, MILLISECONDS, "500.4 ms, limit 500.3 ms"),
        (250.4, 250.5, MILLISECONDS, "250 ms, limit 250.5 ms"),
        (500.0, 500, MILLISECONDS, "500 ms, limit 500 ms (not below it)"),
        (0.0123, 0.01, PER_CENT, "1.23%, limit 1%"),
        (0.010004, 0.01, PER_CENT, "1.0004%, limit 1%"),
        (0.01, 0.01, PER_CENT, "1.00%, limit 1% (not below it)"),
        (0.57, 0.57, WHOLE_PER_CENT, "57%, limit 57% (not below it)"),
        (0.801, 0.8, WHOLE_PER_CENT, "80.1%, limit 80%"),
        (60.04, 60, SECONDS, "60.04 s, limit 60 s"),
    ],
)
def test_a_figure_and_its_limit_are_written_in_the_order_that_they_have(
    figure: float, limit: float, unit: Unit, text: str
) -> None:
    assert against(figure, limit, unit) == text


def test_what_is_late_is_never_written_as_zero() -> None:
    assert shown(0.004, 0, SECONDS) == "0.004 s"
    assert shown(12.34, 0, SECONDS) == "12.3 s"
