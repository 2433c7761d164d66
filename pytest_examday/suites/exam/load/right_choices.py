"""Compares the right choices that reviews show to the candidates of one load: whoever was marked by another key than
others, who were shown the same question, was marked wrongly."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from pytest_examday.evidence.figures import ActorFate


def compare_right_choices(fates: Iterable[ActorFate]) -> tuple[ActorFate, ...]:
    """The fates without `right_choices`. What a candidate's review shows otherwise than most reviews is added to
    `shown_wrongly`; if no choice of a question has most reviews, it is added for all of its candidates."""
    fates = tuple(fates)
    shown: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for fate in fates:
        for question, choice in fate.right_choices.items():
            shown[question][choice] += 1
    disputed = {question: choices for question, choices in shown.items() if len(choices) > 1}
    return tuple(_compared(fate, disputed) if fate.right_choices else fate for fate in fates)


def _compared(fate: ActorFate, disputed: Mapping[str, Counter[str]]) -> ActorFate:
    wrong = [
        message
        for question, choice in fate.right_choices.items()
        if question in disputed and (message := _difference(question, choice, disputed[question])) is not None
    ]
    first = wrong[:1] + ([f"review: {len(wrong) - 1} more questions with another right choice"] if wrong[1:] else [])
    return fate.model_copy(update={"right_choices": {}, "shown_wrongly": (*fate.shown_wrongly, *first)})


def _difference(question: str, choice: str, choices: Counter[str]) -> str | None:
    """What differs; None if this choice is the one that most reviews show."""
    (most, times), *others = choices.most_common()
    tied = bool(others) and others[0][1] == times
    if choice == most and not tied:
        return None
    other = next(name for name, _ in choices.most_common() if name != choice)
    told = f"{choices[other]} of {choices.total()} candidates who were shown the same question"
    return f"review, question {question.rpartition(' ')[0]}: the right choice is {choice}, and {other} for {told}"
