"""The operations, tables and log fields of the embedded platform (source documents 000 and 001): the preset
`reference`."""

from pydantic import JsonValue

from pytest_examday.contract.contract import Contract, Job, Metrics, ProtectedOperation, RateLimit
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.schema import Relation, Schema

_TOKENS = {
    "access_token": "access_token",
    "refresh_token": "refresh_token",
    "lifetime": "expires_in",
    "owner": "user_id",
}
_SESSION = {
    "session_id": "session_id",
    "status": "status",
    "questions": "questions[].{id: question_id, choices: choices[].key}",
    "wording": "questions[].{id: question_id, stem: stem, choices: choices}",
    "answers": "answers[].{question: question_id, value: choice}",
    "remaining": "remaining_seconds",
    "expires_at": "expires_at",
    "score": "score",
}


_SKIPPED = r'"outcome":\s*"skipped"'


def _admin(path: str, body: dict[str, JsonValue] | None = None) -> Operation:
    return Operation(method="POST", path=f"/v1/admin/{path}", body=body or {}, auth="admin", success=(200, 202))


def _guard(
    name: str, path: str, writes: str, body: dict[str, JsonValue] | None = None, *bodies: JsonValue
) -> ProtectedOperation:
    return ProtectedOperation(
        name=name,
        operation=_admin(path, body),
        bodies=bodies,
        refused_when="contains(detail, 'exam mode')",
        effects=(writes, "admin_runs"),
    )


_IMPORTED: JsonValue = {
    "stem": "A question of a rehearsal, which exam mode has to refuse",
    "choices": {"A": "true", "B": "false"},
    "correct_choice": "A",
}

CONTRACT = Contract(
    name="reference",
    idempotency_header="Idempotency-Key",
    health=Operation(method="GET", path="/health", auth="none", success_when="status == 'ok'"),
    ready=Operation(
        method="GET",
        path="/v1/ready",
        auth="none",
        success_when="status == 'ready'",
        finds={"status": "status", "database": "database", "redis": "redis"},
    ),
    login=Operation(
        method="POST",
        path="/v1/auth/login",
        auth="none",
        body={"email": "{email}", "password": "{password}"},
        finds=_TOKENS,
    ),
    refresh=Operation(
        method="POST",
        path="/v1/auth/refresh",
        auth="none",
        body={"refresh_token": "{refresh_token}"},
        finds=_TOKENS,
    ),
    logout=Operation(
        method="POST",
        path="/v1/auth/logout",
        body={"refresh_token": "{refresh_token}"},
        success=(200, 204),
    ),
    create=Operation(
        method="POST",
        path="/v1/sessions",
        body={"question_count": "{question_count}"},
        success=(200, 201),
        finds=_SESSION,
    ),
    create_short=Operation(
        method="POST",
        path="/v1/sessions",
        body={"question_count": "{question_count}", "duration_seconds": "{seconds}"},
        success=(200, 201),
        finds=_SESSION,
    ),
    read=Operation(
        method="GET",
        path="/v1/sessions/{session_id}",
        finds={**_SESSION, "marked": "answers[].{question: question_id, value: marked}"},
    ),
    answer=Operation(
        method="POST",
        path="/v1/sessions/{session_id}/answers",
        body={
            "question_id": "{question_id}",
            "choice": "{value}",
            "sequence": "{sequence}",
            "marked": "{marked}",
        },
        finds={"saved": "choice"},
    ),
    clear=Operation(
        method="POST",
        path="/v1/sessions/{session_id}/answers",
        body={"question_id": "{question_id}", "choice": None, "sequence": "{sequence}", "marked": "{marked}"},
    ),
    submit=Operation(
        method="POST",
        path="/v1/sessions/{session_id}/submit",
        body={},
        success_when="status == 'SUBMITTED'",
        finds={"score": "score", "status": "status", "submitted_at": "submitted_at", "max_score": "max_score"},
    ),
    review=Operation(
        method="GET",
        path="/v1/sessions/{session_id}/review",
        finds={
            "score": "score",
            "answers": "questions[].{question: question_id, value: choice}",
            "correct": "questions[].{question: question_id, value: correct_choice}",
            "marks": "questions[].{question: question_id, value: correct}",
            "max_score": "max_score",
        },
    ),
    exam_mode=Operation(
        method="GET", path="/v1/ready", auth="none", finds={"exam_mode": "exam_mode", "worker": "worker"}
    ),
    exam_mode_variable="EXAM_MODE",
    protected=(
        _guard("BKT recompute", "bkt/recompute", "mastery"),
        _guard("rank runs", "rank/runs", "user_ranks"),
        _guard("IRT calibration", "irt/runs", "item_parameters"),
        _guard("email outbox drain", "email/outbox/drain", "email_outbox"),
        _guard("notification broadcast", "notifications/broadcast", "notifications", {"message": "rehearsal"}),
        _guard(
            "bulk question import",
            "import/questions",
            "questions",
            {"dry_run": False, "questions": []},
            {"dry_run": False, "questions": [_IMPORTED]},
        ),
    ),
    allowed={"bulk question import, dry run": _admin("import/questions", {"dry_run": True, "questions": []})},
    jobs=(
        Job(name="revision_queue_regen", skipped=_SKIPPED, effects=("revision_queue",)),
        Job(name="warehouse_incremental_export", skipped=_SKIPPED, effects=("warehouse_sessions",)),
    ),
    audit_tables=("job_runs",),
    redis_keys=("question:*", "revoked:*"),
    rate_limit=RateLimit(
        operation=Operation(
            method="POST",
            path="/v1/auth/login",
            auth="none",
            body={"email": "examday-probe-{nonce}@exam.example", "password": "not the password"},
            success=(401,),
        ),
        burst=14,
    ),
    metrics=Metrics(
        operation=Operation(method="GET", path="/metrics", auth="none"),
        pool_in_use_peak="examday_db_pool_in_use_peak",
        pool_limit="examday_db_pool_limit_per_worker",
        pool_size="examday_db_pool_size",
        pool_in_use="examday_db_pool_in_use",
        pool_max="examday_db_pool_max",
        redis_errors="examday_redis_errors_total",
        redis_reconnects="examday_redis_reconnects_total",
        memory="examday_worker_memory_bytes",
    ),
)

SCHEMA = Schema(
    name="reference",
    relations={
        "sessions": Relation(
            table="exam_sessions",
            columns={
                "id": "id",
                "owner": "user_id",
                "status": "status",
                "created_at": "created_at",
                "expires_at": "expires_at",
                "submitted_at": "submitted_at",
                "score": "score",
                "max_score": "max_score",
            },
        ),
        "questions": Relation(
            table="session_questions",
            columns={
                "session_id": "session_id",
                "question_id": "question_id",
                "correct": "correct_choice",
            },
        ),
        "answers": Relation(
            table="session_answers",
            columns={
                "session_id": "session_id",
                "question_id": "question_id",
                "value": "choice",
                "sequence": "sequence",
                "saved_at": "saved_at",
            },
        ),
        "events": Relation(
            table="attempt_events",
            columns={
                "id": "id",
                "session_id": "session_id",
                "kind": "kind",
                "question_id": "question_id",
                "value": "choice",
                "created_at": "created_at",
                "owner": "user_id",
            },
        ),
        "mastery_updates": Relation(
            table="mastery_updates",
            columns={"session_id": "session_id", "topic": "theme_id::text"},
        ),
        "mastery": Relation(
            table="mastery",
            columns={"owner": "user_id", "topic": "theme_id::text", "answered": "total", "correct": "correct"},
        ),
    },
)

LOG_FORMAT = LogFormat(
    name="reference",
    timestamp="ts",
    level="level",
    request_id="request_id",
    request_when="event == 'request'",
    route="route",
    status="status",
    total_ms="total_ms",
    db_ms="db_ms",
    slow_sql_when="event == 'slow_sql'",
    slow_sql_ms="ms",
    redis_warning_when="event == 'redis_unavailable'",
    user="user_id",
)
