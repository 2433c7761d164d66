"""The limits, and which of them let more through than the default ones."""

import pytest
from pydantic import ValidationError

from pytest_examday.config import thresholds
from pytest_examday.config.thresholds import Thresholds

STRICTER = {name: thresholds._STRICTER[name] for name in Thresholds.model_fields}
"""Every limit and in which direction it becomes stricter."""


def _moved(name: str, factor: float) -> Thresholds:
    return Thresholds.model_validate({name: getattr(Thresholds(), name) * factor})


def test_every_limit_has_a_direction() -> None:
    assert thresholds._STRICTER.keys() == Thresholds.model_fields.keys()


@pytest.mark.parametrize("name", STRICTER)
def test_no_limit_can_be_so_loose_that_nothing_exceeds_it(name: str) -> None:
    with pytest.raises(ValidationError):
        Thresholds.model_validate({name: 1e11 if STRICTER[name] == "lower" else 0})


def test_the_default_limits_are_not_weaker_than_themselves() -> None:
    assert Thresholds().weaker == ()


@pytest.mark.parametrize(("name", "direction"), STRICTER.items())
def test_a_limit_that_lets_more_through_is_told_of(name: str, direction: str) -> None:
    (told,) = _moved(name, 1.1 if direction == "lower" else 0.9).weaker
    assert told.startswith(f"{name} ")


@pytest.mark.parametrize(("name", "direction"), STRICTER.items())
def test_a_limit_that_lets_less_through_is_not(name: str, direction: str) -> None:
    assert _moved(name, 0.9 if direction == "lower" else 1.05).weaker == ()


def test_a_weaker_limit_is_told_with_the_default_one() -> None:
    limits = Thresholds(p95_ms=60000, delivered_share=0.5)
    assert limits.weaker == ("p95_ms 60000 (default: 500)", "delivered_share 0.5 (default: 0.95)")
