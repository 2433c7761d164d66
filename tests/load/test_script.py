"""What a candidate means to do is drawn before the exam, the same in every rehearsal."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.config.profiles import Habits
from pytest_examday.load.script import Script, write_script

shares = st.floats(0, 1)


def _script(seed: int = 1, questions: int = 20, /, **habits: object) -> Script:
    return write_script(Random(seed), questions, Habits.model_validate(habits))


@given(seed=st.integers(), questions=st.integers(1, 60), blank=shares, change=shares, double=shares, resume=shares)
def test_a_script_can_always_be_lived(
    seed: int, questions: int, blank: float, change: float, double: float, resume: float
) -> None:
    habits = {"blank_share": blank, "change_share": change, "double_click_share": double, "resume_share": resume}
    script = _script(seed, questions, **habits)
    assert script == _script(seed, questions, **habits)
    assert script.steps
    assert script.writes == len(script.steps) + 2
    assert {step.question for step in script.steps} <= set(range(questions))
    assert script.resume_before is None or 0 <= script.resume_before < len(script.steps)
    assert all(0.5 <= step.think_seconds <= 1.5 for step in script.steps)
    first = [step.question for step in script.steps if not step.changes]
    assert first == sorted(set(first))
    assert {step.question for step in script.steps if step.changes} <= set(first)


def test_candidates_differ_from_each_other() -> None:
    assert len({_script(seed) for seed in range(20)}) == 20


@pytest.mark.parametrize(
    ("share", "counted"),
    [
        ("blank_share", lambda script: 1 - len([step for step in script.steps if not step.changes]) / 20),
        ("change_share", lambda script: len([step for step in script.steps if step.changes]) / 20),
        ("double_click_share", lambda script: float(script.double_submit)),
        ("resume_share", lambda script: float(script.resume_before is not None)),
    ],
)
def test_shares_are_kept_over_many_candidates(share: str, counted: object) -> None:
    calm = {"blank_share": 0, "change_share": 0, "double_click_share": 0, "resume_share": 0}
    scripts = [_script(seed, **{**calm, share: 0.3}) for seed in range(2000)]
    mean = sum(counted(script) for script in scripts) / len(scripts)  # type: ignore[operator] # parametrised
    assert mean == pytest.approx(0.3, abs=0.04)


def test_without_any_habit_every_question_is_answered_once() -> None:
    script = _script(blank_share=0, change_share=0, double_click_share=0, resume_share=0)
    assert [step.question for step in script.steps] == list(range(20))
    assert (script.resume_before, script.double_submit) == (None, False)


def test_a_candidate_who_leaves_everything_blank_still_answers_one() -> None:
    assert [step.question for step in _script(blank_share=1, change_share=0).steps] == [0]
