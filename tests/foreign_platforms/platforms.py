"""The foreign platforms: variables of their configurations, defects to plant in them, and mistakes to plant in their
configurations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

State = Mapping[str, Any]
"""What a foreign platform says of itself: addresses, accounts, pids and logs."""


@dataclass(frozen=True)
class ForeignPlatform:
    """A platform that shares nothing with the embedded one."""

    name: str
    """The name of its package."""
    variables: Callable[[State], Mapping[str, str]]
    """The variables of its configuration, besides the folder of the platform and the command for its services."""
    defects: Mapping[str, tuple[str, str]]
    """Defect -> the gate that fails for it, and a part of the reason."""
    mistakes: Mapping[str, tuple[str, str]]
    """A text of the configuration -> a wrong text in its place, and the key that `check` then names."""
    limits: Mapping[str, float] = field(default_factory=dict)
    """The thresholds that the defects exceed."""
    switches: bool = False
    """Whether the configuration says how exam mode is switched."""


JSON_API = ForeignPlatform(
    "json_api",
    lambda state: {
        "PLATFORM_API": state["api"],
        "PLATFORM_DATABASE": state["database"],
        "PLATFORM_REDIS": state["redis"],
        "PLATFORM_WORKER_A": state["workers"]["worker-a"],
        "PLATFORM_WORKER_B": state["workers"]["worker-b"],
    },
    {
        "lost-answers": ("zero-data-loss", "acknowledged answers lost"),
        "second-finish-event": ("no-duplicate-submits", "sessions submitted more than once"),
        "others-read": ("exam-rules", "reading the exam of another candidate was accepted"),
        "late-answers": ("p95-latency", "p95 of"),
        "worker-without-exam-mode": ("exam-mode-verified", "worker-b"),
        "points-too-high": ("no-corrupted-sessions", "scores that the acknowledged answers do not earn"),
        "lines-without-id": ("logs-sufficient", "lack request id, route, status or duration"),
    },
    {
        '"GET /ping"': ('"GET /pong"', "contract.health.path"),
        "state == 'up'": ("state == 'fine'", "contract.ready.success_when"),
        "attributes = { renewal =": ("attributes = { renewed =", "contract.refresh.body"),
        'logout = "DELETE /auth/token"': (
            'logout = { call = "DELETE /auth/token", success = [205] }',
            "contract.logout.success = [204]",
        ),
        "/exams/{session_id}/result": ("/exams/{session_id}/results", "contract.review.path"),
        "attributes.enabled": ("attributes.on", "contract.exam_mode.finds.exam_mode"),
        'table = "trail"': ('table = "trails"', "schema.relations.events.table"),
        'correct = "truth::text"': ('correct = "truht::text"', "schema.relations.questions.columns.correct"),
        'request_id = "req"': ('request_id = "id"', "log_format.request_id"),
        'WORKER_B}/api"': ('WORKER_B}/v1"', "env.foreign.runtime.services.worker-b.address"),
    },
    {"p95_ms": 500},
    switches=True,
)
PAGES = ForeignPlatform(
    "pages",
    lambda state: {
        "PLATFORM_API": state["site"],
        "PLATFORM_DATABASE": state["database"],
        "PLATFORM_STAFF": state["staff"]["email"],
        "PLATFORM_STAFF_PASSWORD": state["staff"]["password"],
        "PLATFORM_PEOPLE": state["people"]["email"],
        "PLATFORM_PASSWORD": state["people"]["password"],
        "PLATFORM_WORKER_1": state["workers"]["worker-1"],
        "PLATFORM_WORKER_2": state["workers"]["worker-2"],
    },
    {
        "loses-answers": ("zero-data-loss", "acknowledged answers lost"),
        "finishes-twice": ("no-duplicate-submits", "sessions submitted more than once"),
        "others-readable": ("exam-rules", "reading the exam of another candidate was accepted"),
        "still-clock": ("exam-rules", "the time left fell from"),
        "answers-after-finish": ("no-corrupted-sessions", "an answer after the submit was accepted"),
        "wrong-score": ("no-corrupted-sessions", "scores that the acknowledged answers do not earn"),
        "protected-executes-silently": ("exam-mode-verified", "exam.staff_work (rows written"),
        "lines-missing": ("logs-sufficient", "requests are not in the log"),
    },
    {
        '"GET /up"': ('"GET /upp"', "contract.health.path"),
        'logout = { call = "POST /leave"': ('logout = { call = "POST /live"', "contract.logout.path"),
        'saved_at = "made"': ('saved_at = "maid"', "schema.relations.answers.columns.saved_at"),
        '"#score"': ('".question@data-id"', "contract.review.page"),
        '"body@data-exam-mode"': ('"main@data-exam-mode"', "contract.exam_mode.finds.exam_mode"),
        '"GET /staff"': ('"GET /stuff"', "contract.allowed.overview.path"),
        "exam.finish WHERE": ("exam.finished WHERE", "schema.relations.sessions.table"),
        "right_choices ->>": ("right ->>", "schema.relations.questions.table"),
        "HTTP/1": ("HTTP/2", "log_format.pattern"),
        '"exam.login_tries"': ('"exam.login_trys"', "contract.audit_tables"),
    },
    switches=True,
)
RPC = ForeignPlatform(
    "rpc",
    lambda state: {
        "PLATFORM_API": state["api"],
        "PLATFORM_DATABASE": state["database"],
        "PLATFORM_REDIS": state["redis"],
        "PLATFORM_ADMIN": state["admin"]["user"],
        "PLATFORM_SECRET": state["people"]["secret"],
        "PLATFORM_WORKER_1": state["workers"]["worker-1"],
        "PLATFORM_WORKER_2": state["workers"]["worker-2"],
    },
    {
        "lost-answers": ("zero-data-loss", "acknowledged answers lost"),
        "closes-counted-twice": ("no-duplicate-submits", "submissions acknowledged with several results"),
        "protected-executes": ("exam-mode-verified", "job (rows written"),
        "answers-after-close": ("no-corrupted-sessions", "an answer after the submit was accepted"),
        "stale-accepted": ("no-corrupted-sessions", "after an older answer came late a reload shows"),
        "others-read": ("exam-rules", "reading the exam of another candidate was accepted"),
        "lines-missing": ("logs-sufficient", "requests are not in the log"),
    },
    {
        '"GET /live"': ('"GET /alive"', "contract.health.path"),
        'effects = ["job"]': ('effects = ["jobs"]', "contract.protected.reindex.effects"),
        '"auth.renew"': ('"auth.new"', "contract.refresh.body"),
        '"auth.leave"': ('"auth.left"', "contract.logout.body"),
        '"exam.result"': ('"exam.results"', "contract.review.body"),
        "result.mode == 'exam'": ("result.modus", "contract.exam_mode.finds.exam_mode"),
        'saved_at = "NULL"': ('saved_at = "at"', "schema.relations.answers.columns.saved_at"),
        'value = "given"': ('value = "gave"', "schema.relations.answers.columns.value"),
        'request_id = "trace"': ('request_id = "tracing"', "log_format.request_id"),
        'route = "rpc"': ('route = "rcp"', "log_format.route"),
    },
)
FOREIGN_PLATFORMS = (JSON_API, PAGES, RPC)
