"""Scores: how many answers are right, and whether two scores are equal."""

import math
from collections.abc import Mapping
from typing import Any

from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.integrity.uuid_spelling import canonical


def right_answers(given: Mapping[str, str], right: Mapping[str, Any]) -> int:
    """How many of the given answers are right by these right choices; both are by question. A question is the same one
    if its id is the same UUID in another spelling."""
    choices = {canonical(question): str(choice) for question, choice in right.items() if choice is not None}
    return sum(choices.get(canonical(question)) == value for question, value in given.items())


def same_score(score: object, other: object) -> bool:
    """Whether two scores are the same number, however they are written; the same text if they are no numbers."""
    number, other_number = as_number(score), as_number(other)
    if number is None or other_number is None:
        return str(score) == str(other)
    return math.isclose(number, other_number)
