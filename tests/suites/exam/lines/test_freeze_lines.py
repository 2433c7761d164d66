"""The gate on exam mode."""

from typing import Any

import pytest

from tests import builders

EXAM = {"health", "ready", "create", "answer", "submit"}
FAILURES: list[tuple[dict[str, Any], str]] = [
    ({"exam_mode_readings": (True, False)}, "exam mode is not on in 1 of 2 readings"),
    ({"exam_mode_readings": (None, None)}, "exam mode is not on in 2 of 2 readings"),
    ({"exam_mode_environment": {"worker-2": "false"}}, "worker-2 runs with exam mode 'false'"),
    ({"exam_mode_environment": {"worker-2": None}}, "worker-2 runs with exam mode None"),
    ({"guards": (builders.probe("rank runs", False, "HTTP 202"),)}, "guard rank runs: HTTP 202"),
    ({"allowed": (builders.probe("dry run", False, "HTTP 403"),)}, "allowed dry run: HTTP 403"),
    ({"jobs": (builders.probe("export", False, "exit status 1"),)}, "job export: exit status 1"),
    *(
        (
            {"endpoints": (*builders.probes(*(EXAM - {name})), builders.probe(name, False, "HTTP 500"))},
            f"{name} does not work: HTTP 500",
        )
        for name in sorted(EXAM)
    ),
]
DOUBTS: list[tuple[dict[str, Any], str]] = [
    ({"exam_mode_readings": ()}, "exam mode was never read"),
    ({"guards": ()}, "no guarded operation was tried"),
    ({"allowed": ()}, "no allowed operation was tried"),
    ({"jobs": ()}, "no background job was tried"),
    *(({"endpoints": builders.probes(*(EXAM - {name}))}, f"{name} was not tried") for name in sorted(EXAM)),
]


@pytest.mark.parametrize(("found", "reason"), FAILURES)
def test_exam_mode_fails_where_anything_is_not_frozen(found: dict[str, Any], reason: str) -> None:
    result = builders.gate("exam-mode-verified", freeze=builders.freeze(**found))
    assert (result.outcome, result.reason) == ("fail", reason)


@pytest.mark.parametrize(("found", "reason"), DOUBTS)
def test_exam_mode_is_inconclusive_where_something_was_not_tried(found: dict[str, Any], reason: str) -> None:
    result = builders.gate("exam-mode-verified", freeze=builders.freeze(**found))
    assert (result.outcome, result.reason) == ("inconclusive", reason)


def test_exam_mode_may_be_written_as_the_platform_likes() -> None:
    frozen = builders.freeze(exam_mode_environment={"worker-1": "True"})
    assert builders.gate("exam-mode-verified", freeze=frozen).outcome == "pass"
