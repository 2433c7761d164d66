"""Evidence as judges read it."""

import pytest

from pytest_examday.core.measured import missing_in_words
from pytest_examday.errors import Unmeasurable

from .small_suite import Count, Other, run_of


def test_a_record_is_handed_out_to_who_expects_its_kind() -> None:
    run = run_of(count=Count(wrong=1))
    assert run.record("count", Count) == Count(wrong=1)
    with pytest.raises(Unmeasurable, match="count was not measured"):
        run.record("count", Other)


def test_what_was_not_measured_is_not_handed_out() -> None:
    with pytest.raises(Unmeasurable, match="count was not measured: no platform"):
        run_of().record("count", Count)


def test_the_records_of_several_activities_are_those_that_were_measured() -> None:
    run = run_of(left=Count(of=1), right=None, other=Other())
    assert run.records(("left", "right", "other"), Count) == [Count(of=1)]


def test_what_is_missing_is_told_with_its_reason() -> None:
    run = run_of(count=Count(), silent=Count(of=0))
    assert run.missing(("count", "silent", "away")) == {"silent": "it counted nothing", "away": "no platform"}


def test_nothing_is_missing_where_nothing_is_needed() -> None:
    assert run_of().missing(()) == {}


def test_activities_that_share_a_reason_are_named_together() -> None:
    reasons = {"left": "no platform", "count": "it counted nothing", "right": "no platform"}
    assert missing_in_words(reasons) == [
        "left, right were not measured: no platform",
        "count was not measured: it counted nothing",
    ]
