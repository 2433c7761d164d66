"""What a log says of a request is held against what its client saw."""

from dataclasses import replace
from typing import Any

import pytest

from pytest_examday.contract.embedded_preset import LOG_FORMAT
from pytest_examday.load.samples import Sample
from pytest_examday.observe.log_contradictions import Contradiction, contradictions
from pytest_examday.observe.log_fields import status_of
from pytest_examday.observe.log_line import LogLine
from tests import builders

_ROUTE = "/v1/sessions/{session_id}/answers"
_PATHS = {"answer": _ROUTE, "submit": "/v1/sessions/{session_id}/submit", "create": "/v1/sessions"}


def _logged(**fields: Any) -> LogLine:
    values = {"status": 200, "total_ms": 8.5, "db_ms": 6.0, "user_id": "u-ada", "route": _ROUTE, **fields}
    return LogLine("worker-1.log", 0.0, values, LOG_FORMAT)


def _answered(**fields: Any) -> Sample:
    return builders.sample(ms=9.0)._replace(**fields)


def _found(*lines: LogLine, **of_sample: Any) -> list[Contradiction]:
    return contradictions([(_answered(**of_sample), line) for line in lines], _PATHS)


def test_a_line_that_says_what_the_client_saw_is_no_contradiction() -> None:
    assert _found(_logged(), _logged(total_ms=100.0), _logged(db_ms=None), _logged(total_ms=0.6)) == []


@pytest.mark.parametrize(
    ("fields", "kind", "told"),
    [
        ({"status": 500}, "status", "got HTTP 200 and is HTTP 500"),
        ({"status": "404.0"}, "status", "got HTTP 200 and is HTTP 404"),
        ({"total_ms": 3_600_000}, "duration", "took 9.0 ms and is 3.6e+06 ms"),
        ({"total_ms": -1, "db_ms": None}, "duration", "is -1 ms"),
        ({"total_ms": 0.008, "db_ms": 3.87}, "duration", "is 0.008 ms in all with 3.87 ms of them in the database"),
        ({"user_id": None}, "user", "names no user"),
        ({"user_id": ""}, "user", "names no user"),
    ],
)
def test_what_contradicts_is_told_with_request_operation_person_and_file(
    fields: dict[str, Any], kind: str, told: str
) -> None:
    (found,) = _found(_logged(**fields))
    assert (found.kind, found.words) == (kind, f"{_answered().request_id} (answer of ada) {told} in worker-1.log")


def test_durations_in_seconds_are_held_against_milliseconds() -> None:
    in_seconds = LOG_FORMAT.model_copy(update={"duration_unit": "s"})
    agreeing, slow = _logged(total_ms=0.0085, db_ms=0.006), _logged(total_ms=8.5)
    lines = [replace(line, form=in_seconds) for line in (agreeing, slow)]
    (found,) = contradictions([(_answered(), line) for line in lines], _PATHS)
    assert "took 9.0 ms and is 8500 ms" in found.words


def test_two_users_of_one_person_are_told() -> None:
    (found,) = _found(_logged(), _logged(user_id="u-bob"))
    assert "names u-bob, and others of the same person name u-ada" in found.words


def test_the_status_of_a_failure_is_not_compared_here() -> None:
    assert _found(_logged(status=200), status=500) == []


@pytest.mark.parametrize("of_sample", [{"operation": "login"}, {"operation": "refresh"}, {"status": 401}])
def test_nobody_is_named_before_the_platform_knows_who_it_is(of_sample: dict[str, Any]) -> None:
    assert _found(_logged(user_id=None, status=of_sample.get("status", 200)), **of_sample) == []


def test_a_format_without_a_user_asks_for_none() -> None:
    form = LOG_FORMAT.model_copy(update={"user": None})
    assert contradictions([(_answered(), replace(_logged(user_id=None), form=form))], _PATHS) == []


@pytest.mark.parametrize("value", ["2 ms", float("nan"), float("inf"), 10**400, [4], {"ms": 4}, True, None], ids=str)
def test_what_is_no_number_is_none_and_no_crash(value: object) -> None:
    line = _logged(total_ms=value, status=value)
    assert (LOG_FORMAT.milliseconds(line.get("total_ms")), status_of(line)) == (None, None)
    assert _found(line) == []


@pytest.mark.parametrize(
    ("value", "status"), [(404, 404), (404.0, 404), ("404", 404), (40.4, None), (0, None)], ids=repr
)
def test_a_status_may_be_written_in_several_ways(value: object, status: int | None) -> None:
    assert status_of(_logged(status=value)) == status


@pytest.mark.parametrize(
    "route",
    [
        "/v1/sessions/{session_id}/answers",
        "/v1/sessions/:id/answers",
        "POST /v1/sessions/7f3a/answers",
        "/sessions/<int:id>/answers",
        "/api/v1/sessions/7/answers?x=1",
        "save_answer",
        "/rpc",
        None,
        7,
    ],
)
def test_a_route_may_be_written_in_many_ways(route: object) -> None:
    assert _found(_logged(route=route)) == []


def test_the_route_of_another_operation_is_told() -> None:
    (found,) = _found(_logged(route="/v1/sessions/{id}/submit"))
    assert found.kind == "route"
    assert found.words.endswith("(answer of ada) has the route '/v1/sessions/{id}/submit' in worker-1.log")


def test_a_wrong_route_is_reported_if_other_lines_of_the_operation_fit() -> None:
    assert [one.kind for one in _found(_logged(), _logged(route="/v1/other"))] == ["route"]
    assert _found(_logged(route="/v1/other"), _logged(route="/v1/other")) == []
