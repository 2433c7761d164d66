"""What candidates were shown is judged once, and not if the rehearsal may have looked in the wrong place."""

import pytest

from pytest_examday.core.line import LineResult
from pytest_examday.evidence.figures import ActorFate
from tests import builders
from tests.report import samples

_STALE = "read, question q3: expected B, shown nothing"
_UNREADABLE = {"review": "shows answers without question and value"}


def _line(*fates: ActorFate, **fields: object) -> LineResult:
    good = builders.good_run()
    stored = builders.integrity(**fields)
    return builders.line(
        "candidates-see-what-was-acknowledged", **{**good, "load": builders.load(fates=fates), "integrity": stored}
    )


def test_a_candidate_who_was_shown_wrong_pages_is_named() -> None:
    made = _line(builders.fate("ada"), builders.fate("bob", shown_wrongly=(_STALE, "more")))
    assert made.outcome == "fail"
    assert made.reason == (
        "1 of 2 candidates were shown something else than was acknowledged; first: bob, session session-bob: "
        "read, question q3: expected B, shown nothing"
    )


def test_what_is_stored_wrongly_is_told_where_stored_answers_are_judged() -> None:
    lost = samples.lost("bob")
    made = _line(
        builders.fate("ada"),
        builders.fate("bob", shown_wrongly=(_STALE,)),
        lost=1,
        differences=(lost,),
        harmed=("bob",),
    )
    assert made.outcome == "pass"
    assert "1 of 2 candidates were shown what is stored wrongly" in made.facts_in_words


def test_stale_pages_of_others_fail_beside_a_loss() -> None:
    lost = samples.lost("bob")
    fates = (builders.fate("bob", shown_wrongly=(_STALE,)), builders.fate("eve", shown_wrongly=(_STALE,)))
    made = _line(*fates, lost=1, differences=(lost,), harmed=("bob",))
    assert made.outcome == "fail"
    assert "1 of 2" in made.reason
    assert "eve" in made.reason


@pytest.mark.parametrize(
    ("looked", "outcome"),
    [({"review": 1}, "fail"), ({"read": 1}, "pass"), ({}, "inconclusive")],
    ids=["others could be read", "no review could be read", "nothing could be read"],
)
def test_a_page_that_cannot_be_read_fails_only_where_others_of_its_kind_can(
    looked: dict[str, int], outcome: str
) -> None:
    made = _line(builders.fate("ada", compared=looked), builders.fate("bob", compared={}, not_comparable=_UNREADABLE))
    assert made.outcome == outcome


def test_why_nothing_could_be_compared_is_told() -> None:
    made = _line(builders.fate("ada", compared={}, not_comparable=_UNREADABLE))
    assert made.reason == (
        "no page that 1 candidates were shown could be compared with what was acknowledged (review shows "
        "answers without question and value)"
    )
