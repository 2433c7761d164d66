"""Random texts are found in every form in which they are stored without encryption."""

import base64
import re
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pytest_examday.suites.staging.webhooks.traces.dump import search_dump
from pytest_examday.suites.staging.webhooks.traces.forms import Finder, pattern
from pytest_examday.suites.staging.webhooks.traces.logs import LogsSince
from pytest_examday.suites.staging.webhooks.traces.tables import TableSearch
from pytest_examday.suites.staging.webhooks.webhook import random_text
from pytest_examday.target.database import read_only
from tests.suites.staging.webhooks.conftest import RunningReceiver

_TEXT = "k3v9x0c7b2n5m8q1w4e6"
_FORMS = {
    "plain": _TEXT.encode(),
    "in capitals": _TEXT.upper().encode(),
    "in hexadecimal": _TEXT.encode().hex().encode(),
    **{
        f"in base64 after {before} bytes": base64.b64encode(b"x" * before + _TEXT.encode() + b"@example.com")
        for before in range(4)
    },
    "base64 in hexadecimal": base64.b64encode(_TEXT.encode()).hex().encode(),
}


@pytest.mark.parametrize("form", _FORMS)
def test_a_text_is_found_in_bytes_and_by_the_pattern_of_postgresql(form: str) -> None:
    written = b"before " + _FORMS[form] + b" after"
    assert list(Finder({"email": (_TEXT,)}).names_in(written)) == ["email"]
    assert re.search(pattern((_TEXT,)), written.decode(), re.IGNORECASE)


def test_other_texts_are_not_found() -> None:
    finder = Finder({"email": (_TEXT,)})
    other = " ".join(random_text() for _ in range(1000)).encode()
    assert list(finder.names_in(other + base64.b64encode(other))) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", _TEXT),
        ("varchar(80)", f"<{_TEXT}@example.com>"),
        ("jsonb", f'{{"a": [{{"b": "{_TEXT}"}}]}}'),
        ("json", f'["{_TEXT}"]'),
        ("bytea", f"\\x00ff{_TEXT.encode().hex()}"),
        ("text[]", f"{{a,{_TEXT}}}"),
        ("tsvector", f"'{_TEXT}'"),
        ("text", base64.b64encode(_TEXT.encode()).decode()),
    ],
)
def test_a_text_is_found_in_a_column_of_this_type(receiver: RunningReceiver, kind: str, value: str) -> None:
    with psycopg.connect(receiver.database_url, autocommit=True) as connection, read_only(receiver.database_url) as own:
        connection.execute(b"CREATE SCHEMA kinds")
        try:
            since = TableSearch(own, ("kinds",)).moment()
            connection.execute(sql.SQL("CREATE TABLE kinds.of_value (id int, held {})").format(sql.SQL(kind)))
            connection.execute(b"INSERT INTO kinds.of_value VALUES (1, %s)", (value,))
            found = TableSearch(own, ("kinds",)).search(since, {"email": (_TEXT,)}, ())
        finally:
            connection.execute(b"DROP SCHEMA kinds CASCADE")
    assert [trace.place for trace in found.traces] == ["column held of kinds.of_value"]


def test_rows_that_were_there_before_are_not_searched(receiver: RunningReceiver) -> None:
    with psycopg.connect(receiver.database_url, autocommit=True) as connection, read_only(receiver.database_url) as own:
        connection.execute(b"INSERT INTO audit.raw (body) VALUES (%s)", (_TEXT,))
        search = TableSearch(own, ("audit",))
        assert search.search(search.moment(), {"email": (_TEXT,)}, ()).traces == ()


def test_a_table_that_may_not_be_read_is_named(receiver: RunningReceiver) -> None:
    with psycopg.connect(receiver.database_url, autocommit=True) as connection:
        connection.execute(b"CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
        try:
            with read_only(receiver.database_url.replace("examday:examday-tests", "stranger:stranger")) as own:
                search = TableSearch(own, ("audit",))
                found = search.search(search.moment(), {"email": (_TEXT,)}, ())
        finally:
            connection.execute(b"DROP ROLE stranger")
    assert found.unread == {"audit.raw": "this role may not read it"}


def test_a_dump_names_the_table_in_which_a_text_was_found(receiver: RunningReceiver) -> None:
    text = random_text()
    with psycopg.connect(receiver.database_url, autocommit=True) as connection:
        connection.execute(b"INSERT INTO audit.raw (body) VALUES (%s)", (f"mail to {text}",))
    found = search_dump(receiver.database_url, {"email": (text,), "name": (_TEXT[::-1],)}, frozenset())
    assert [(trace.field, trace.table) for trace in found.traces] == [("email", "audit.raw")]
    assert found.unread == {}
    assert not found.sees


def test_a_dump_that_cannot_be_made_is_not_searched() -> None:
    found = search_dump("postgresql://nobody@127.0.0.1:9/none", {"email": (_TEXT,)}, frozenset({"email"}))
    assert found.unread["the whole dump"].startswith("pg_dump ended with 1: ")


def test_only_what_is_added_to_a_log_is_searched(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_text(f"{_TEXT}\n")
    logs = LogsSince((str(tmp_path / "*.log"),))
    with log.open("a") as file:
        file.write("nothing\n")
    found = logs.search({"email": (_TEXT,)})
    assert (found.traces, found.sees, found.searched) == ((), True, 1)


def test_a_log_that_was_replaced_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_text("many lines\n" * 100)
    logs = LogsSince((str(log),))
    log.rename(tmp_path / "service.log.1")
    log.write_text(f"to {_TEXT}\n")
    assert [trace.place for trace in logs.search({"email": (_TEXT,)}).traces] == ["log service.log"]


def test_a_log_that_does_not_exist_is_told(tmp_path: Path) -> None:
    found = LogsSince((str(tmp_path / "none.log"),)).search({"email": (_TEXT,)})
    assert found.untried == f"there is no log file {tmp_path / 'none.log'}"


def test_a_text_across_two_blocks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_examday.suites.staging.webhooks.traces.logs._BLOCK", 50)
    log = tmp_path / "service.log"
    log.touch()
    logs = LogsSince((str(log),))
    log.write_text("x" * 40 + _TEXT + "x" * 100)
    assert [trace.field for trace in logs.search({"email": (_TEXT,)}).traces] == ["email"]
