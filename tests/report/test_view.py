"""What boxes of a document say: the outcome of their lines, and nothing of their own."""

import pytest

from pytest_examday.report.view import Box, View, YesNo
from tests.report import bad_samples, samples

_ONE, _OTHER = "worker-loss-no-lost-answers", "worker-loss-clients-retry-safely"
_LOST = (
    "drill_worker_loss: acknowledged answers lost: 1 (first: load-07@exam.example, session load-session-07, question "
    "question-3: acknowledged B and nothing is stored)"
)


def _good() -> View:
    return samples.view(samples.everything())


def _bad() -> View:
    return samples.view(samples.everything(drill_worker_loss=bad_samples.drill("drill_worker_loss")))


def _absent() -> View:
    return samples.view(samples.everything(drill_worker_loss="no permission"))


def test_a_box_is_ticked_where_its_line_passed_with_what_was_found() -> None:
    assert _good().box(_ONE) == Box(True, "200 of 200 acknowledged answers kept")


def test_a_box_stays_empty_where_its_line_failed_and_says_why() -> None:
    assert _bad().box(_ONE) == Box(False, _LOST)


def test_a_box_stays_empty_where_its_line_was_not_measured_and_says_so_once() -> None:
    assert _absent().box(_ONE) == Box(False, "drill_worker_loss was not measured: no permission")
    unlisted = samples.freeze().model_copy(
        update={"background_processes": None, "background_unlisted": "there is no runtime"}
    )
    box = samples.view(samples.everything(freeze=unlisted)).box("no-cron-jobs-running")
    assert box == Box(False, "not measured: the platform's processes could not be listed: there is no runtime")


def test_a_box_of_a_line_that_is_no_part_of_the_run_stays_empty() -> None:
    assert _good().box("proxy-restart-no-lost-answers") == Box(False, "not measured: not part of this run")


def test_a_line_that_the_suite_does_not_have_is_a_mistake_of_the_document() -> None:
    with pytest.raises(KeyError, match="suite exam has no line no-such-line"):
        _good().box("no-such-line")


def test_several_lines_are_as_bad_as_their_worst() -> None:
    bad = _bad()
    assert bad.yes_no([bad.line(_ONE), bad.line("api-answers")]) == YesNo(False, _LOST)
    good, absent = _good(), _absent()
    assert good.yes_no([good.line(_ONE), good.line(_OTHER)]) == YesNo(True)
    told = absent.yes_no([absent.line("api-answers"), absent.line(_ONE), absent.line(_OTHER)])
    assert told == YesNo(None, "drill_worker_loss was not measured: no permission")
    assert good.yes_no([]) == YesNo(None, "not measured: not part of this run")


def test_the_opposite_of_a_line_is_yes_where_it_failed() -> None:
    full = samples.load(peak_usage=1.0)
    key = "pool-was-not-exhausted"
    assert samples.view(samples.everything(load=full)).opposite(key) == YesNo(True, "a worker's pool was exhausted")
    assert _good().opposite(key) == YesNo(False, "no worker's pool was exhausted")
    assert samples.view(samples.everything(load="no permission")).opposite(key).yes is None
