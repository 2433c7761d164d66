"""Two texts that look alike are told apart."""

import pytest

from pytest_examday.integrity.lookalikes import distinguishable

COMPOSED, DECOMPOSED = "\u1e02", "B\u0307"
LATIN, CYRILLIC = "A", "\u0410"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (COMPOSED, DECOMPOSED, (f"{COMPOSED} (U+1E02)", f"{DECOMPOSED} (U+0042 U+0307)")),
        (LATIN, CYRILLIC, ("A (U+0041)", f"{CYRILLIC} (U+0410)")),
        ("A", "A ", ("A (U+0041)", "A  (U+0041 U+0020)")),
        ("A", "A\u200b", ("A (U+0041)", "A\u200b (U+0041 U+200B)")),
        ("A", "", ("A (U+0041)", " (empty)")),
    ],
)
def test_texts_that_look_alike_are_told_with_their_code_points(one: str, other: str, told: tuple[str, str]) -> None:
    assert distinguishable(one, other) == told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A", "B"),
        ("choice 1", "1"),
        ("A", None),
        (None, None),
        ("7 \u00d7 8 = 56", "7 \u00d7 8 = 49"),
        ("\u00e4) yes", "\u00e4) no"),
    ],
)
def test_texts_that_anybody_can_tell_apart_are_told_as_they_are(one: str | None, other: str | None) -> None:
    assert distinguishable(one, other) == (str(one), str(other))


def test_of_a_long_text_the_beginning_is_told() -> None:
    told, _ = distinguishable("\u00e4" * 20, "a")
    assert told.endswith("U+00E4 …)")
    assert told.count("U+00E4") == 16
