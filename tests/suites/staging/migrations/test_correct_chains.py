"""A correct chain passes every line, and the report is the same when it is rehearsed again."""

import subprocess
import sys

import psycopg

from pytest_examday.suites.staging.lines.migrations import LINES
from pytest_examday.suites.staging.migrations.rehearse import rehearse
from tests.waiting import wait_until

from .small_chain import SmallChain, judged


def test_a_correct_chain_passes_every_line_and_says_the_same_twice(chain: SmallChain, server: str) -> None:
    settings = chain.write()
    first, second = (judged(rehearse(settings, server)) for _ in range(2))
    assert first.green == {line.key for line in LINES}, {key: first.reason(key) for key in first.results}
    said = [
        [(key, result.failures, result.doubts, result.facts) for key, result in one.results.items()]
        for one in (first, second)
    ]
    assert said[0] == said[1]


def test_nothing_of_the_rehearsal_is_left_on_the_server(chain: SmallChain, server: str) -> None:
    chain.rehearsed()
    with psycopg.connect(server) as connection:
        databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    assert databases == {"postgres", "template0", "template1"}
    assert "shop_app" not in roles


def test_a_rehearsal_that_is_killed_leaves_no_database(chain: SmallChain, server: str) -> None:
    chain.forward = {"001_slow.sql": "SELECT pg_sleep(60);"}
    chain.back = {}
    settings = chain.write()
    killed = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pytest_examday.suites.staging.migrations.rehearse import rehearse; "
            "from pytest_examday.suites.staging.migrations.settings import MigrationsSettings; "
            "rehearse(MigrationsSettings.model_validate_json(sys.argv[1]), sys.argv[2])",
            settings.to_json(),
            server,
        ]
    )
    with psycopg.connect(server, autocommit=True) as connection:

        def sleeps() -> bool:
            query = "SELECT 1 FROM pg_stat_activity WHERE datname = 'examday_scratch' AND query LIKE '%pg_sleep(60)%'"
            return connection.execute(query).fetchone() is not None

        wait_until(sleeps)
        killed.kill()
        killed.wait()
        wait_until(
            lambda: connection.execute("SELECT 1 FROM pg_database WHERE datname = 'examday_scratch'").fetchone() is None
        )
