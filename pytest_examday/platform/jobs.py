"""Background jobs: ``python -m pytest_examday.platform.jobs NAME``.

Settings come from environment variables, as for the workers. In exam mode a scheduled job does nothing, says so and
exits with 0, so that its scheduler does not retry it. The job ``expire_tokens``, which an operator runs by hand, works
in any mode.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg

from pytest_examday.platform.expiries import EVERYWHERE_SECONDS, JOB
from pytest_examday.platform.platform_error import PlatformError
from pytest_examday.platform.settings import EXAM_MODE_VARIABLE, Settings

_REVISION_QUEUE_REGEN = """
    INSERT INTO revision_queue (user_id, question_id, due_at)
    SELECT DISTINCT e.user_id, s.question_id, now() + interval '1 day'
    FROM exam_sessions e
    JOIN session_questions s ON s.session_id = e.id
    LEFT JOIN session_answers a ON a.session_id = s.session_id AND a.question_id = s.question_id
    WHERE e.status = 'SUBMITTED' AND a.choice IS DISTINCT FROM s.correct_choice
    ON CONFLICT (user_id, question_id) DO UPDATE SET due_at = excluded.due_at
"""
_WAREHOUSE_INCREMENTAL_EXPORT = """
    INSERT INTO warehouse_sessions (session_id, score, max_score, submitted_at)
    SELECT id, score, max_score, submitted_at FROM exam_sessions
    WHERE status = 'SUBMITTED' AND submitted_at IS NOT NULL
    ON CONFLICT (session_id) DO NOTHING
"""
_SCHEDULED: dict[str, LiteralString] = {
    "revision_queue_regen": _REVISION_QUEUE_REGEN,
    "warehouse_incremental_export": _WAREHOUSE_INCREMENTAL_EXPORT,
}
JOBS = (JOB, *_SCHEDULED)
_RECORD = "INSERT INTO job_runs (name, outcome, reason, row_count) VALUES (%s, %s, %s, %s)"


def run_job(name: str, settings: Settings) -> dict[str, Any]:
    """Do the job, or skip it in exam mode; both are recorded in ``job_runs``."""
    if name == JOB:
        return _expire_tokens(settings)
    with psycopg.connect(settings.database_url, connect_timeout=5) as connection:
        if settings.exam_mode:
            connection.execute(_RECORD, (name, "skipped", EXAM_MODE_VARIABLE, 0))
            return {"job": name, "outcome": "skipped", "reason": EXAM_MODE_VARIABLE}
        rows = connection.execute(_SCHEDULED[name]).rowcount
        connection.execute(_RECORD, (name, "done", None, rows))
        return {"job": name, "outcome": "done", "rows": rows}


def _expire_tokens(settings: Settings) -> dict[str, Any]:
    """Expire every access token that was issued until now; refresh tokens stay valid.

    The row in ``job_runs`` is the expiry. Returns when every worker has had time to read it.
    """
    with psycopg.connect(settings.database_url, connect_timeout=5) as connection:
        connection.execute(_RECORD, (JOB, "done", None, 0))
    time.sleep(EVERYWHERE_SECONDS)
    return {"job": JOB, "outcome": "done"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one job. Returns 0 if it was done or skipped, 1 if it failed; argparse exits with 2 for wrong
    arguments."""
    parser = argparse.ArgumentParser(prog="python -m pytest_examday.platform.jobs", description=__doc__)
    parser.add_argument("name", choices=sorted(JOBS))
    name = parser.parse_args(arguments).name
    try:
        result = run_job(name, Settings.from_environment(os.environ))
    except (PlatformError, psycopg.Error) as error:
        reason = " ".join(str(error).split())
        sys.stdout.write(json.dumps({"job": name, "outcome": "failed", "reason": reason}) + "\n")
        return 1
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
