"""Lists the lines that rest on operations and relations that a platform may not have. Without them a line is not part
of the rehearsal."""

from collections.abc import Callable, Iterator

from pytest_examday.config.environment import Environment
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.schema import OPTIONAL
from pytest_examday.core.suite import LackReason
from pytest_examday.resources import folder
from pytest_examday.suites.exam.lines.freeze import HEAVY_ANALYTICS
from pytest_examday.suites.exam.lines.integrity import AFTER_RECOVERY_PREFIX, CHECKS

_OPERATIONS = {
    "health-is-accessible": "health",
    "health-is-restored": "health",
    "ready-is-accessible": "ready",
    "ready-is-restored": "ready",
    "every-worker-was-read": "exam_mode",
    "workers-have-one-name": "exam_mode",
}
"""Line -> the operation that it rests on."""


def _heavy(contract: Contract) -> bool:
    return any(protected.name in HEAVY_ANALYTICS for protected in contract.protected)


_NAMED: dict[str, tuple[Callable[[Contract], object], str]] = {
    "protected-operations-are-refused": (lambda contract: contract.protected, "protected operation"),
    "allowed-operations-are-accepted": (lambda contract: contract.allowed, "operation that exam mode allows"),
    "scheduled-tasks-are-skipped": (lambda contract: contract.jobs, "background job"),
    "heavy-analytics-are-disabled": (
        _heavy,
        f"protected operation called {', '.join(HEAVY_ANALYTICS)} (names of operations in the reference contract)",
    ),
}
"""Line -> the parts of the contract of which it needs at least one."""


def _operation(name: str) -> LackReason:
    return lambda environment: environment.platform.contract.lacking(name)


def _one_of(found: Callable[[Contract], object], what: str) -> LackReason:
    def lack_reason(environment: Environment) -> str | None:
        return None if found(environment.platform.contract) else f"the contract names no {what}"

    return lack_reason


def _relation(name: str) -> LackReason:
    """What the schema lacks of this relation; None if it has it. Without a schema it is None too: the line then says
    itself that nothing is known."""

    def lack_reason(environment: Environment) -> str | None:
        described = environment.platform.schema_if_described
        return None if described is None else described.lacking(name)

    return lack_reason


def _relations_of_check(name: str) -> LackReason:
    """The relations that the SQL check reads and the schema lacks."""

    def lack_reason(environment: Environment) -> str | None:
        described = environment.platform.schema_if_described
        if described is None or described.relations.keys() >= OPTIONAL.keys():
            return None
        return described.lacking((folder("sql") / f"{name}.sql").read_text(encoding="utf-8"))

    return lack_reason


def _of_both_comparisons(key: str, lack_reason: LackReason) -> dict[str, LackReason]:
    """The entries for a line of phase 4 and for the same line after the recovery drill."""
    return {key: lack_reason, f"{AFTER_RECOVERY_PREFIX}-{key}": lack_reason}


def _of_checks() -> Iterator[tuple[str, LackReason]]:
    """The entries for the lines of SQL checks: each rests on the relations that its check reads."""
    for name in CHECKS:
        yield from _of_both_comparisons(name.replace("_", "-"), _relations_of_check(name)).items()


def _log_lines(name: str, what: str) -> LackReason:
    """What the log format lacks of these lines; None if it has them. Without a log format it is None too: the line then
    says itself that nothing is known."""

    def lack_reason(environment: Environment) -> str | None:
        described = environment.platform.log_format_if_described
        if described is None or any(getattr(form, name) is not None for form in described.all_formats):
            return None
        return f"the log format does not say which lines are {what} (`{name}`)"

    return lack_reason


def _redis(environment: Environment) -> str | None:
    return f"env.{environment.name}.lacks names redis" if environment.lacks_store("redis") else None


RESTS_ON: dict[str, LackReason] = {
    "redis-status": _redis,
    "redis-reconnects": _redis,
    "database-query-duration": _log_lines("slow_sql_when", "slow SQL statements"),
    "redis-outage-warnings-are-logged": _log_lines("redis_warning_when", "warnings that Redis is away"),
    "redis-outage-exam-mode-stays": Environment.why_exam_mode_unreadable,
    "exam-mode-is-on": Environment.why_exam_mode_unreadable,
    "protected-operations-stay-refused": Environment.why_exam_mode_unreadable,
    **{line: _operation(name) for line, name in _OPERATIONS.items()},
    **{line: _one_of(found, what) for line, (found, what) in _NAMED.items()},
    **dict(_of_checks()),
    **_of_both_comparisons("every-score-is-as-earned", _relation("questions")),
    **_of_both_comparisons("the-platforms-own-log-agrees", _relation("events")),
}
"""Line -> function that says what an environment lacks for it; None if it lacks nothing."""
