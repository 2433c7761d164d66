"""Tries the database and Redis: each relation of the schema, each of its columns."""

from collections.abc import Iterator

import psycopg
import redis
from psycopg import sql

from pytest_examday.contract.schema import Relation
from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.bound_query import relation_query, trusted_sql
from pytest_examday.integrity.sql_checks import counting
from pytest_examday.integrity.table_watch import tables_of
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.check.right_choices import right_choices
from pytest_examday.suites.exam.stored_exams.reconcile_ledgers import missing_from_database, reads_database
from pytest_examday.target.database import Connection
from pytest_examday.target.database_role import write_permission_in_words
from pytest_examday.target.target import Target


def stores(target: Target) -> Iterator[CheckResult]:
    """A look at the database with each relation, and one at Redis."""
    yield from _database(target)
    yield from _redis(target)


def _database(target: Target) -> Iterator[CheckResult]:
    if not reads_database(target):
        yield CheckResult(
            "database", "untried", "no database_url: the stored state is read through the API, and no SQL check is run"
        )
        return
    try:
        with target.connections.database() as connection:
            row = connection.execute("SELECT version() AS version, current_user AS role").fetchone() or {}
            yield CheckResult("database", "works", f"{str(row['version']).partition(' on ')[0]} as {row['role']}")
            if (writes := write_permission_in_words(connection)) is not None:
                yield CheckResult("database role", "works", writes)
            relations = list(_relations(target, connection))
            yield from relations
            if all(look.state == "works" for look in relations):
                yield from _own_exam(target, connection)
            yield from _watched_tables(target, connection)
            yield from _own_checks(target, connection)
    except Unmeasurable as reason:
        yield CheckResult("database", "wrong", str(reason), f"env.{target.environment.name}.database_url")


def _relations(target: Target, connection: Connection) -> Iterator[CheckResult]:
    for name, relation in target.environment.platform.database_schema.relations.items():
        what = f"schema.relations.{name}"
        problem = _problem(connection, sql.SQL("{} LIMIT 0").format(relation_query(relation)))
        if problem is None:
            yield CheckResult(what, "works", f"{relation.table}: {len(relation.columns)} columns")
        else:
            yield from _columns(connection, relation, what, problem)


def _own_exam(target: Target, connection: Connection) -> Iterator[CheckResult]:
    """Whether the database shows an exam as the API acknowledged it: a column of the schema may exist and hold other
    data."""
    what, refused = "an exam in the database", target.refusal("write", "to sit an exam")
    if refused is not None:
        yield CheckResult(what, "untried", refused)
        return
    try:
        exam, unseen = missing_from_database(target, connection)
    except psycopg.Error as problem:
        yield CheckResult(
            what,
            "wrong",
            f"the comparison of ids and values fails: {str(problem).partition(chr(10))[0]}",
            "schema.relations",
        )
    except Unmeasurable as reason:
        yield CheckResult(what, "untried", str(reason))
    else:
        if unseen is None:
            yield CheckResult(what, "works", "as the API acknowledged it")
            yield from right_choices(target, connection, exam)
        else:
            yield CheckResult(what, "wrong", unseen, "schema.relations")


def _watched_tables(target: Target, connection: Connection) -> Iterator[CheckResult]:
    """The tables that the contract names for effects of refused operations, and for notes of refusals."""
    platform = target.environment.platform
    named = {
        "contract.audit_tables": platform.contract.audit_tables,
        **{
            f"contract.protected.{protected.name}.effects": protected.effects
            for protected in platform.contract.protected
        },
        **{f"contract.jobs.{job.name}.effects": job.effects for job in platform.contract.jobs},
    }
    if not any(named.values()):
        return
    try:
        tables = tables_of(connection, platform.database_schema)
    except Unmeasurable as reason:
        yield CheckResult("effects", "untried", str(reason))
        return
    for key, names in named.items():
        for name in names:
            if not any(table.is_named(name) for table in tables):
                meant = did_you_mean(name, map(str, tables))
                yield CheckResult(key, "wrong", f"{name}: there is no such table; {meant}".strip("; "), key)


def _own_checks(target: Target, connection: Connection) -> Iterator[CheckResult]:
    """Whether PostgreSQL accepts the user's own SQL checks. They are planned and not run: they may read whole
    tables."""
    for check in target.environment.sql_checks:
        query = counting(check, target.environment.platform.database_schema)
        problem = _problem(connection, sql.SQL("EXPLAIN {}").format(query))
        what = f"SQL check {check.name}"
        if problem is None:
            yield CheckResult(what, "works", f"{check.path.name}: {check.title}; not run, it may read whole tables")
        else:
            yield CheckResult(what, "wrong", f"{check.path}: {problem}", f"env.{target.environment.name}.sql_checks")


def _columns(connection: Connection, relation: Relation, what: str, problem: str) -> Iterator[CheckResult]:
    """The columns that cannot be read; the whole relation if none can."""
    table = trusted_sql(relation.table)
    if (reason := _problem(connection, sql.SQL("SELECT 1 FROM {} LIMIT 0").format(table))) is not None:
        yield CheckResult(what, "wrong", f"{relation.table}: {reason}", f"{what}.table")
        return
    wrong = 0
    for column, expression in relation.columns.items():
        query = sql.SQL("SELECT {} FROM {} LIMIT 0").format(trusted_sql(expression), table)
        if (reason := _problem(connection, query)) is not None:
            wrong += 1
            yield CheckResult(
                f"{what}.columns.{column}", "wrong", f"{expression}: {reason}", f"{what}.columns.{column}"
            )
    if not wrong:
        yield CheckResult(what, "wrong", problem, what)


def _problem(connection: Connection, query: sql.Composed) -> str | None:
    """PostgreSQL's message if it refuses the query; None if it accepts the query."""
    try:
        with connection.transaction():
            connection.execute(query)
    except psycopg.Error as problem:
        return str(problem).partition("\n")[0]
    return None


def _redis(target: Target) -> Iterator[CheckResult]:
    if target.connections.redis_url is None:
        lacking = target.environment.lacks_store("redis")
        yield CheckResult("redis", "untried", "the platform lacks it" if lacking else "no redis_url")
        return
    try:
        with target.connections.cache() as connection:
            yield CheckResult("redis", "works", f"Redis {connection.info('server')['redis_version']}")
    except (Unmeasurable, redis.RedisError) as reason:
        message = target.files.redactor.clean(str(reason))
        yield CheckResult("redis", "wrong", message, f"env.{target.environment.name}.redis_url")
