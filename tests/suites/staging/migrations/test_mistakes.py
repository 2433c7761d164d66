"""Mistakes in the description of a chain, and a server that does not suit, are told before anything runs."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import ValidationError

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.activities.migrations import gather_migrations
from pytest_examday.suites.staging.migrations.chain import read_chain
from pytest_examday.suites.staging.migrations.rehearse import rehearse
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings

from .small_chain import SmallChain

FILES = {"files": "migrations/*.sql"}


def _settings(folder: Path, names: tuple[str, ...], **others: object) -> MigrationsSettings:
    (folder / "migrations").mkdir()
    (folder / "rollbacks").mkdir()
    for name in names:
        (folder / "migrations" / name).write_text("SELECT 1;")
    return MigrationsSettings.model_validate({**FILES, "folder": folder, **others})


def _told(settings: MigrationsSettings) -> str:
    with pytest.raises(Unmeasurable) as told:
        read_chain(settings)
    return str(told.value)


def test_zero_migrations_are_told(tmp_path: Path) -> None:
    assert _told(_settings(tmp_path, ())) == f"files: no file matches migrations/*.sql in {tmp_path}"


def test_two_files_with_one_number_are_told(tmp_path: Path) -> None:
    told = _told(_settings(tmp_path, ("010_a.sql", "010_b.sql")))
    assert told.startswith("number 10 begins the names of 010_a.sql and 010_b.sql: nothing says which comes first")


def test_by_number_9_comes_before_10(tmp_path: Path) -> None:
    chain = read_chain(_settings(tmp_path, ("10_b.sql", "9_a.sql")))
    assert [migration.name for migration in chain.migrations] == ["9_a.sql", "10_b.sql"]


def test_names_that_sort_otherwise_than_their_numbers_are_told(tmp_path: Path) -> None:
    told = _told(_settings(tmp_path, ("9_a.sql", "10_b.sql"), order="name"))
    assert told == "order by name puts 10_b.sql before 9_a.sql, though its number is higher"


def test_a_file_without_a_number_is_told(tmp_path: Path) -> None:
    assert _told(_settings(tmp_path, ("init.sql",))) == "init.sql begins with no number; write order = 'name'"


def test_an_order_that_leaves_out_a_file_and_names_another_is_told(tmp_path: Path) -> None:
    told = _told(_settings(tmp_path, ("1_a.sql", "2_b.sql"), order=("1_a.sql", "2_c.sql")))
    assert "order names 2_c.sql, which is no migration" in told
    assert "order leaves out 2_b.sql" in told


def test_an_explicit_order_is_kept(tmp_path: Path) -> None:
    chain = read_chain(_settings(tmp_path, ("010_a.sql", "010_b.sql"), order=("010_b.sql", "010_a.sql")))
    assert [migration.name for migration in chain.migrations] == ["010_b.sql", "010_a.sql"]


def test_a_rollback_without_its_migration_is_told(tmp_path: Path) -> None:
    settings = _settings(tmp_path, ("1_a.sql",), rollbacks="rollbacks/{name}.sql")
    (tmp_path / "rollbacks" / "2_gone.sql").write_text("SELECT 1;")
    assert _told(settings) == "the rollback rollbacks/2_gone.sql has no migration"


def test_rollbacks_may_lie_beside_their_migrations(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path, ("1_a.up.sql",), files="migrations/*.up.sql", rollbacks="migrations/{number}_*.down.sql"
    )
    (tmp_path / "migrations" / "1_a.down.sql").write_text("SELECT 1;")
    (migration,) = read_chain(settings).migrations
    assert migration.has_rollback


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n\\i other.sql\n", "1_a.sql, line 2: \\i other.sql is a command of psql"),
        ("COPY a FROM stdin;\n1\n\\.\n", "1_a.sql, line 1: only psql can read the rows below COPY … FROM stdin"),
        ("-- nothing\n", "1_a.sql holds no statement"),
        ("SELECT 1;\n-- migrate:down\nSELECT 2;", "1_a.sql, line 2: the file holds its rollback too"),
    ],
)
def test_a_file_that_cannot_be_run_as_it_is_is_told(tmp_path: Path, text: str, words: str) -> None:
    settings = _settings(tmp_path, ("1_a.sql",))
    (tmp_path / "migrations" / "1_a.sql").write_text(text)
    assert words in _told(settings)


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"without_rollback": ("3_c.sql",)}, "without_rollback names 3_c.sql, which is no migration"),
        ({"may_lose": ("1_b.sql",)}, "may_lose names 1_b.sql, which is no migration; did you mean 2_b.sql?"),
        ({"together": (("1_a.sql", "3_c.sql"),)}, "together: 1_a.sql, 3_c.sql do not follow each other"),
    ],
)
def test_names_that_fit_no_migration_are_told(tmp_path: Path, others: dict[str, object], words: str) -> None:
    names = ("1_a.sql", "2_b.sql", "3_c.sql") if "together" in others else ("1_a.sql", "2_b.sql")
    assert words in _told(_settings(tmp_path, names, **others))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "give the chain as files, or as commands"),
        ({**FILES, "rollbacks": "rollbacks/*.sql"}, "write {name} or {number}"),
        ({**FILES, "embedded": True, "server_url": "postgresql://a@b/c"}, "embedded and server_url are both set"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(values: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("{", r"\{")):
        MigrationsSettings.model_validate(values)


def _refused(chain: SmallChain, server: str, staging: str | None = None) -> str:
    with pytest.raises(Unmeasurable) as refusal:
        rehearse(chain.write(), server, staging)
    return str(refusal.value)


def test_a_scratch_database_that_exists_is_not_touched(chain: SmallChain, server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE examday_scratch")
        try:
            assert "the database examday_scratch exists already (it is not the rehearsal's)" in _refused(chain, server)
            assert connection.execute("SELECT 1 FROM pg_database WHERE datname = 'examday_scratch'").fetchone()
        finally:
            connection.execute("DROP DATABASE examday_scratch")


def test_the_staging_database_is_never_the_scratch_database(chain: SmallChain, server: str) -> None:
    chain.settings["scratch_database"] = "postgres"
    assert "exists already (it is the staging database)" in _refused(chain, server, server)


def test_a_server_of_another_version_is_told(chain: SmallChain, server: str) -> None:
    chain.settings["server_version"] = 16
    assert _refused(chain, server).startswith("the server has PostgreSQL 18 and server_version is 16")


@pytest.mark.parametrize(
    ("rights", "words"),
    [("", "must not create databases; give it CREATEDB"), ("CREATEDB", "is bound by row-level security")],
)
def test_a_role_without_rights_is_told(chain: SmallChain, server: str, rights: str, words: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE weak LOGIN PASSWORD 'weak' {rights}".encode())
        try:
            refusal = _refused(chain, make_conninfo(server, user="weak", password="weak"))
            assert "the role weak " in refusal
            assert words in refusal
        finally:
            connection.execute("DROP ROLE weak")


def test_a_server_that_cannot_be_reached_is_told_without_its_password(chain: SmallChain) -> None:
    refusal = _refused(chain, "postgresql://somebody:secret-word@127.0.0.1:1/postgres")
    assert refusal.startswith("the server of the scratch databases cannot be reached: ")
    assert "secret-word" not in refusal


def test_what_is_not_configured_is_told_with_its_key() -> None:
    with pytest.raises(Unmeasurable, match=r"no migrations are described; write \[env.qa.staging.migrations\]"):
        gather_migrations(None, None, "env.qa.staging")
    settings = MigrationsSettings.model_validate(FILES)
    with pytest.raises(
        Unmeasurable, match=r"set env\.qa\.staging\.migrations\.server_url or env\.qa\.staging\.database_url"
    ):
        gather_migrations(settings, None, "env.qa.staging")


def test_a_set_up_that_fails_is_told(chain: SmallChain, server: str) -> None:
    chain.roles = "CREATE ROLE examday;"
    assert 'the set-up before the chain failed: roles.sql:1: role "examday" already exists' in _refused(chain, server)
