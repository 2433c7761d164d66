"""What a candidate means to do is drawn before the exam, the same in every rehearsal, each write with its moment."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.config.profiles import (
    PROFILES,
    Habits,
    LoadProfile,
    Shape,
)
from pytest_examday.suites.exam.load.candidate_script import Schedule, Script, write_script

shares = st.floats(0, 1)
EXAM = Schedule("exam", arrive_seconds=10, last_part_begins=40, deadline=60)
CALM = {"blank_share": 0, "change_share": 0, "double_click_share": 0, "resume_share": 0}


def _script(seed: object = 1, questions: int = 20, /, **habits: object) -> Script:
    return write_script(f"1-{seed}", 0.5, EXAM, questions, Habits.model_validate(habits))


def _as(shape: Shape) -> Schedule:
    return EXAM._replace(shape=shape)


@given(seed=st.integers(), questions=st.integers(1, 60), blank=shares, change=shares, double=shares, resume=shares)
def test_every_script_has_its_answers_in_order_and_in_the_time_of_the_exam(
    seed: int, questions: int, blank: float, change: float, double: float, resume: float
) -> None:
    habits = {"blank_share": blank, "change_share": change, "double_click_share": double, "resume_share": resume}
    script = _script(seed, questions, **habits)
    assert script == _script(seed, questions, **habits)
    answers = list(script.planned_answers())
    assert answers == list(script.planned_answers())
    assert [answer.at for answer in answers] == sorted(answer.at for answer in answers)
    assert {answer.question for answer in answers} <= set(range(questions))
    assert all(script.opens_at < answer.at < script.leaves_at for answer in answers)
    assert all(0.5 <= answer.think_seconds <= 1.5 for answer in answers)
    assert 40 <= script.leaves_at <= 58, "the last tenth of the last part is free for repeats"


def test_what_is_due_is_the_plan_of_the_load() -> None:
    script = _script(**CALM)
    due = list(script.due())
    assert due[0] == ("create", 5.0)
    assert due[-1] == ("submit", script.leaves_at)
    assert [at for kind, at in due if kind == "answer"] == [answer.at for answer in script.planned_answers()]


def test_candidates_differ_from_each_other() -> None:
    assert len({tuple(_script(seed).planned_answers()) for seed in range(20)}) == 20


def test_more_submit_the_nearer_the_deadline_is() -> None:
    leaves = [_script(seed).leaves_at for seed in range(2000)]
    early, late = (len([at for at in leaves if low <= at < low + 9]) for low in (40, 49))
    assert early + late == 2000
    assert late / early == pytest.approx(3, rel=0.15)


def test_first_every_question_then_any_of_them_again() -> None:
    answers = list(islice(_script(**CALM).endless_answers(), 200))
    assert [answer.question for answer in answers[:20]] == list(range(20))
    assert set(range(20)) >= {answer.question for answer in answers[20:]}
    assert len({answer.question for answer in answers[20:]}) > 10


def test_a_changed_answer_is_one_that_was_given() -> None:
    numbers = [answer.question for answer in islice(_script(change_share=0.5, blank_share=0.2).endless_answers(), 20)]
    assert len(set(numbers)) < len(numbers)
    assert sorted(set(numbers)) == list(dict.fromkeys(numbers))


def test_a_candidate_who_leaves_everything_blank_still_answers_one() -> None:
    answers = list(islice(_script(blank_share=1, change_share=0).endless_answers(), 3))
    assert {answer.question for answer in answers} == {19}


@pytest.mark.parametrize(
    ("share", "counted"),
    [
        (
            "blank_share",
            lambda script: (
                1 - len({answer.question for answer in islice(script.endless_answers(), 12)} & {*range(5)}) / 5
            ),
        ),
        ("double_click_share", lambda script: float(script.double_submit)),
        ("resume_share", lambda script: float(script.resume_before is not None)),
    ],
)
def test_shares_are_kept_over_many_candidates(share: str, counted: object) -> None:
    scripts = [_script(seed, **{**CALM, share: 0.3}) for seed in range(2000)]
    mean = sum(counted(script) for script in scripts) / len(scripts)  # type: ignore[operator] # parametrised
    assert mean == pytest.approx(0.3, abs=0.04)


def test_at_a_simultaneous_start_all_have_arrived_before_all_open_their_sessions() -> None:
    scripts = [write_script(f"1-{n}", n / 50, _as("start"), 5, Habits()) for n in range(50)]
    assert {script.opens_at for script in scripts} == {10}
    assert max(script.arrives_at for script in scripts) < 10
    assert len({script.arrives_at for script in scripts}) == 50


@pytest.mark.parametrize(
    ("shape", "kinds"),
    [
        ("exam", {"create", "answer", "submit"}),
        ("start", {"create", "answer", "submit"}),
        ("sessions", {"create"}),
        ("answers", {"create", "answer"}),
        ("submit", {"create", "submit"}),
    ],
)
def test_each_shape_does_its_part_of_the_exam(shape: Shape, kinds: set[str]) -> None:
    profile = LoadProfile(shape=shape)
    script = write_script("1-1", 0.5, Schedule.of(profile), profile.questions, profile.habits)
    due = list(script.due())
    assert {kind for kind, _ in due} == kinds
    assert all(at <= profile.exam_seconds for _, at in due)


@pytest.mark.parametrize("name", PROFILES)
def test_the_profiles_have_every_candidate_answer_before_the_deadline(name: str) -> None:
    profile = next(profile.load for known, profile in PROFILES.items() if known == name)
    for number in range(50):
        script = write_script(f"1-{number}", number / 50, Schedule.of(profile), profile.questions, profile.habits)
        assert len(list(script.planned_answers())) >= 5


def test_only_what_was_answered_before_is_taken_back() -> None:
    answers = list(islice(_script(change_share=0.5).endless_answers(), 60))
    cleared = [place for place, answer in enumerate(answers) if answer.clears]
    assert 5 < len(cleared) < 40
    assert all(answers[place].question in [answer.question for answer in answers[:place]] for place in cleared)
