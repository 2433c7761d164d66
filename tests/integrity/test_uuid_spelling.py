"""Ids that are spelled in different ways."""

import pytest

from pytest_examday.integrity.uuid_spelling import canonical, other_spellings, same_text_or_uuid, spellings

USUAL = "0000aaaa-0000-0000-0000-00000000000f"
BARE = "0000aaaa00000000000000000000000f"
WAYS = (USUAL, USUAL.upper(), BARE, BARE.upper(), f"{{{USUAL}}}", f"{{{USUAL.upper()}}}")
OTHERS = ("1", "01", "s-1", "", USUAL[:-1], f"{USUAL}0", f"{{{USUAL}", f"{USUAL} ", USUAL.replace("-", "", 1))


@pytest.mark.parametrize("way", [*WAYS, f"urn:uuid:{USUAL}"])
def test_each_spelling_of_a_uuid_is_the_same_id(way: str) -> None:
    assert canonical(way) == USUAL
    assert spellings(way)[0] == way
    assert set(spellings(way)) >= set(WAYS)
    assert same_text_or_uuid(way, USUAL)


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_no_uuid_has_one_spelling(text: str) -> None:
    assert (canonical(text), spellings(text)) == (text, (text,))
    assert not same_text_or_uuid(text, USUAL)


def test_nothing_is_the_same_as_nothing_alone() -> None:
    assert same_text_or_uuid(None, None)
    assert not same_text_or_uuid(None, USUAL)


def test_what_is_found_in_another_spelling_is_named_as_it_is_known() -> None:
    assert other_spellings([USUAL.upper(), "x"], [USUAL, "y"]) == {USUAL.upper(): USUAL}


def test_an_id_that_is_found_as_it_is_known_takes_no_other_one() -> None:
    assert other_spellings([USUAL, USUAL.upper()], [USUAL]) == {}
