"""Lines that rest on what a platform may lack are no part of its rehearsal, and the reason names what is missing."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.embedded_preset import CONTRACT, LOG_FORMAT, SCHEMA
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.schema import Schema
from pytest_examday.core.suite import reasons_not_promised
from pytest_examday.suites.exam.rests_on import RESTS_ON
from pytest_examday.suites.exam.suite import SUITE

_LITTLE = Contract(
    name="little", **{name: getattr(CONTRACT, name) for name in ("login", "create", "read", "answer", "submit")}
)
_READ_WHAT_EVERYBODY_HAS = ("orphaned-answers", "duplicate-results", "unscored-sessions")
_FEW = Schema(name="few", relations={name: SCHEMA.relations[name] for name in ("sessions", "answers")})


_SHORT = LOG_FORMAT.model_copy(update={"slow_sql_when": None, "redis_warning_when": None})


def _environment(contract: Contract, schema: Schema | None = SCHEMA, log: LogFormat | None = LOG_FORMAT) -> Environment:
    platform = PlatformDescription(contract=contract, schema_if_described=schema, log_format_if_described=log)
    return Environment(name="x", platform=platform, lacks=("redis",) if contract is _LITTLE else ())


def test_they_are_lines_of_the_suite() -> None:
    assert RESTS_ON.keys() <= SUITE.line_by_key.keys()


@pytest.mark.parametrize("line", RESTS_ON)
def test_each_line_is_judged_only_if_the_platform_has_what_it_rests_on(line: str) -> None:
    assert RESTS_ON[line](_environment(CONTRACT)) is None
    reason = RESTS_ON[line](_environment(_LITTLE, _FEW, _SHORT))
    assert (reason is None) == line.endswith(_READ_WHAT_EVERYBODY_HAS)


def test_without_a_schema_or_a_log_format_the_lines_say_so_themselves() -> None:
    assert RESTS_ON["orphaned-events"](_environment(CONTRACT, None)) is None
    assert RESTS_ON["redis-outage-warnings-are-logged"](_environment(CONTRACT, log=None)) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("health-is-restored", "the contract has no operation `health`"),
        ("protected-operations-are-refused", "the contract names no protected operation"),
        ("scheduled-tasks-are-skipped", "the contract names no background job"),
        ("orphaned-events", "the schema has no relation `events`"),
        ("data-consistency-duplicate-mastery-updates", "the schema has no relation `mastery_updates`"),
        (
            "redis-outage-warnings-are-logged",
            "the log format does not say which lines are warnings that Redis is away (`redis_warning_when`)",
        ),
        ("redis-status", "env.x.lacks names redis"),
        ("every-score-is-as-earned", "the schema has no relation `questions`"),
    ],
)
def test_the_reason_names_what_is_missing(line: str, reason: str) -> None:
    assert RESTS_ON[line](_environment(_LITTLE, _FEW, _SHORT)) == reason


def test_no_configuration_names_them_as_not_promised() -> None:
    assert RESTS_ON.keys().isdisjoint(SUITE.promises)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("others-cannot-read-a-result", "the contract has no operation `review`"),
        ("logout-ends-the-tokens", "the contract has no operation `logout`"),
        ("used-refresh-token-is-refused", "the contract has no operation `refresh`"),
        ("token-refresh-does-not-interrupt-session", "the contract has no operation `refresh`"),
        ("logout-does-not-delete-active-attempt-state", "the contract has no operation `logout`"),
        ("open-exam-tells-no-right-choices", "the contract has no operation `review`"),
    ],
)
def test_rules_that_need_an_operation_are_not_promised_without_it(line: str, reason: str) -> None:
    assert reasons_not_promised(SUITE.promises, _environment(_LITTLE))[line] == reason
    assert line not in reasons_not_promised(SUITE.promises, _environment(CONTRACT))
