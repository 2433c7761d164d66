"""Runs the whole platform until SIGTERM, and says where everything is: on standard output and in DIR/state.json."""

import argparse
from functools import partial
from pathlib import Path

import psycopg

from tests.foreign_platforms.platform_start import Addresses, start
from tests.foreign_platforms.rpc.node import digest
from tests.foreign_platforms.supervisor import Supervisor, options_of, run

_SECRET = "open sesame"
_STAFF = "warden"
_DEFECTS = {
    "lost-answers": "of the answers to later questions than the fifth, every 20th gets its version and is not stored",
    "closes-counted-twice": "a further close counts the points once more, on top of those that are there",
    "protected-executes": "a protected operation is refused in exam mode and does its work all the same",
    "answers-after-close": "an answer is accepted after the close and after the end",
    "points-too-high": "every exam gets one point too many",
    "others-read": "a candidate can read the exams of others",
    "stale-accepted": "an answer with a stale version is accepted",
    "lines-missing": "every 10th call that a worker gets leaves no log line",
    "worker-in-normal-mode": "the environment of worker-2 says normal mode",
}
_APPLICATION = "tests.foreign_platforms.rpc.app:create"


async def _start(supervisor: Supervisor, options: argparse.Namespace) -> dict[str, object]:
    def environment(name: str, addresses: Addresses) -> dict[str, str]:
        normal = not options.exam_mode or (name == "worker-2" and "worker-in-normal-mode" in options.defect)
        return {
            "RPC_NODE": name,
            "RPC_MODE": "normal" if normal else "exam",
            "RPC_DATABASE": addresses.database,
            "RPC_REDIS": addresses.redis,
            "RPC_DEFECTS": " ".join(options.defect),
        }

    names = ("worker-1", "worker-2")
    addresses = await start(supervisor, names, _APPLICATION, environment, partial(_fill, people=options.people))
    return {
        "api": addresses.front,
        "workers": addresses.workers,
        "database": addresses.database,
        "redis": addresses.redis,
        "admin": {"user": _STAFF, "secret": _SECRET},
        "people": {"user": "c-{n:04d}", "secret": _SECRET, "count": options.people},
    }


def _fill(url: str, people: int) -> None:
    """Create the tables, an administrator, the people, and an exam of last month that was deleted."""
    logins = [_STAFF, *(f"c-{n:04d}" for n in range(1, people + 1))]
    with psycopg.connect(url) as connection:
        connection.execute(Path(__file__).with_name("schema.sql").read_bytes())
        connection.cursor().executemany(
            "INSERT INTO person (login, secret_hash, staff) VALUES (%s, %s, %s)",
            [(login, digest(login + _SECRET), login == _STAFF) for login in logins],
        )
        connection.execute(
            "WITH old AS (INSERT INTO run"
            " SELECT gen_random_uuid(), id, opened_at, opened_at + interval '1 hour', opened_at, 99, now()"
            " FROM person, (SELECT date_trunc('month', now(), 'UTC') - interval '1 week' AS opened_at) AS last_month"
            " WHERE login = 'c-0001' RETURNING id)"
            " INSERT INTO item_state SELECT old.id, 1, question.id, 'no option', 7, now()"
            " FROM old, (SELECT id FROM question LIMIT 1) AS question"
        )


def main() -> None:
    """Read the options and run."""
    run(options_of("rpc", str(__doc__), _DEFECTS).parse_args(), _start)


if __name__ == "__main__":
    main()
