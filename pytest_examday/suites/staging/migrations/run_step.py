"""Runs one migration or rollback on a scratch database, and tells what the server said with file and line."""

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from pytest_examday.suites.staging.migrations.chain import Migration
from pytest_examday.suites.staging.migrations.evidence import StepRun
from pytest_examday.suites.staging.migrations.scratch import Connection, ScratchServer
from pytest_examday.suites.staging.migrations.script import Script
from pytest_examday.suites.staging.migrations.settings import MigrationCommands
from pytest_examday.suites.staging.migrations.statements import Statement

_PRINTED_ERROR = re.compile(r"^(?:psql:\S+:\d+: )?(?:ERROR|FATAL):.*$", re.MULTILINE)
_DUPLICATE = "42P07"
"""The SQLSTATE of `relation … already exists`, which `IF NOT EXISTS` turns into a notice."""
_UNDEFINED_TABLE = "42P01"


@dataclass(frozen=True)
class Said:
    """What the server said about one statement that it has run."""

    place: str
    """File and line."""
    statement: Statement
    status: str
    """For example `UPDATE 3`."""


@dataclass
class Ran:
    """One run of a migration or a rollback."""

    step: StepRun
    said: list[Said] = field(default_factory=list)
    skipped: list[tuple[str, Statement]] = field(default_factory=list)
    """The notices about objects that existed already, with file and line."""


@dataclass(frozen=True)
class StepRunner:
    """Runs the steps of one chain."""

    server: ScratchServer
    folder: Path
    owner: str | None = None
    commands: MigrationCommands | None = None

    def forward(self, migration: Migration) -> Ran:
        """Run the migration."""
        if migration.command is not None:
            return self._command(migration.name, migration.command.forward)
        return self.scripts(migration.name, migration.forward)

    def back(self, migration: Migration) -> Ran:
        """Run the rollback of the migration, which must have one."""
        if migration.command is not None and migration.command.back is not None:
            return self._command(migration.name, migration.command.back)
        return self.scripts(migration.name, migration.back or ())

    def scripts(self, name: str, scripts: tuple[Script, ...], *, as_owner: bool = True, most: int | None = None) -> Ran:
        """Run SQL files in a session of their own. Several files run in one transaction, one file as it asks for.
        `most` is the number of statements after which to stop."""
        together = len(scripts) > 1 or all(script.in_transaction for script in scripts)
        ran = Ran(StepRun(name=name, applied=False))
        started = perf_counter()
        with self.server.session(self.owner if as_owner else None) as connection:
            error = _run_all(connection, scripts, ran, together=together, most=most)
        if any(script.changes_settings for script in scripts):
            self.server.end_session()
        seconds = round(perf_counter() - started, 3)
        ran.step = StepRun(name=name, applied=error is None, error=error or "", seconds=seconds)
        return ran

    def _command(self, name: str, command: str) -> Ran:
        """Run a shell command with the address of the scratch database in its environment."""
        assert self.commands is not None
        address = _as_url(self.server.scratch_address, self.commands.address_scheme)
        started = perf_counter()
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                cwd=self.folder,
                env={**os.environ, self.commands.address_variable: address},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=self.server.statement_seconds,
            )
        except subprocess.TimeoutExpired:
            error: str | None = f"{command}: not finished after {self.server.statement_seconds:g} s"
        else:
            error = _complaint(command, done, address)
        seconds = round(perf_counter() - started, 3)
        return Ran(StepRun(name=name, applied=error is None, error=error or "", seconds=seconds))


def _run_all(
    connection: Connection, scripts: Iterable[Script], ran: Ran, *, together: bool, most: int | None
) -> str | None:
    """Run the scripts; return the error, or None."""
    notices: list[str] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:
        if notice.sqlstate == _DUPLICATE:
            notices.append(str(notice.message_primary))

    connection.add_notice_handler(note)
    try:
        return _run_noting(connection, scripts, ran, notices, together=together, most=most)
    finally:
        connection.remove_notice_handler(note)


def _run_noting(
    connection: Connection,
    scripts: Iterable[Script],
    ran: Ran,
    notices: list[str],
    *,
    together: bool,
    most: int | None,
) -> str | None:
    if together:
        connection.execute("BEGIN")
    done = 0
    for script in scripts:
        for statement in script.statements:
            if done == most:
                return "stopped half way"
            place = f"{script.name}:{statement.line}"
            notices.clear()
            try:
                cursor = connection.execute(statement.text.encode())
            except psycopg.Error as problem:
                return _in_words(problem, script, statement)
            ran.said.append(Said(place, statement, cursor.statusmessage or ""))
            ran.skipped += [(f"{place}: {notice}", statement) for notice in notices]
            done += 1
    try:
        if together:
            connection.execute("COMMIT")
    except psycopg.Error as problem:  # a deferred constraint
        return f"at COMMIT: {_message(problem)}"
    if connection.info.transaction_status != TransactionStatus.IDLE:
        return "it leaves its transaction open, so nothing is committed"
    return None


def _in_words(problem: psycopg.Error, script: Script, statement: Statement) -> str:
    position = problem.diag.statement_position
    line = statement.line + (statement.text.count("\n", 0, int(position) - 1) if position else 0)
    return f"{script.name}:{line}: {_message(problem)}"


def _message(problem: psycopg.Error) -> str:
    message = problem.diag.message_primary or str(problem).strip() or type(problem).__name__
    detail = f" ({problem.diag.message_detail})" if problem.diag.message_detail else ""
    return " ".join(f"{message}{detail}".split())


def undefined_table(error: str) -> str | None:
    """The name of the table that does not exist, without its schema, if that is what the error says."""
    found = re.search(r'relation "(?:\w+\.)?(\w+)" does not exist', error)
    return found[1].lower() if found else None


def _complaint(command: str, done: "subprocess.CompletedProcess[str]", address: str) -> str | None:
    """Why a command failed: its exit status, or an error of the server that it printed. None if it did not fail."""
    output = f"{done.stdout}\n{done.stderr}".replace(address, "(address)")
    printed = _PRINTED_ERROR.search(output)
    if done.returncode == 0:
        return None if printed is None else f"{command}: it ended with status 0, and printed {printed.group().strip()}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = printed.group().strip() if printed else (lines[-1] if lines else "it printed nothing")
    return f"{command}: exit status {done.returncode}: {said[:300]}"


def _as_url(address: str, scheme: str) -> str:
    """The address as a URL, which programs of every language read."""
    parts = {name: quote(str(value), safe="") for name, value in conninfo_to_dict(address).items() if value is not None}
    user, password = parts.pop("user", ""), parts.pop("password", "")
    host, port, name = parts.pop("host", "localhost"), parts.pop("port", "5432"), parts.pop("dbname", "")
    options = "&".join(f"{key}={value}" for key, value in parts.items())
    credentials = f"{user}:{password}@" if password else (f"{user}@" if user else "")
    return f"{scheme}://{credentials}{host}:{port}/{name}" + (f"?{options}" if options else "")
