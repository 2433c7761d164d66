"""The campaign of options: it draws the same options for the same seed, and can call a run wrong."""

import random

import pytest

from benchmarks.vary_options import SETUPS, judged, options


@pytest.mark.parametrize(
    ("status", "output", "verdicts", "wrong"),
    [
        (1, "VERDICT: NO-GO", ["NO-GO"], None),
        (4, "ERROR: no such option", [], None),
        (0, "VERDICT: NO-GO", ["NO-GO"], "it ended with status 0"),
        (1, "  VERDICT: GO, on the embedded platform", ["NO-GO"], "it said GO"),
        (1, "", ["GO"], "verdict.json says GO"),
        (None, "", [], "it hangs"),
    ],
)
def test_a_run_is_wrong_that_ends_with_0_says_go_or_does_not_end(
    status: int | None, output: str, verdicts: list[str], wrong: str | None
) -> None:
    assert judged(status, output, verdicts) == wrong


def test_a_seed_stands_for_its_options() -> None:
    first, second = ([options(dice) for _ in range(50)] for dice in (random.Random(7), random.Random(7)))
    assert first == second
    assert len(set(first)) > 40


def test_paths_come_only_with_a_mark_expression_that_asks_for_gates() -> None:
    dice = random.Random(1)
    drawn = [options(dice) for _ in range(300)]
    assert all(
        "-m" in one for one in drawn if one[-1] in ("tests", "tests/test_plain.py", "tests/test_mine.py", "other")
    )


def test_every_set_up_has_a_test_that_passes_beside_what_is_wrong() -> None:
    assert all("tests/test_plain.py" in files for files in SETUPS.values())
