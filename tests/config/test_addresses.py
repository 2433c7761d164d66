"""Addresses of PostgreSQL and Redis: what their drivers would not take, or take for something else, is refused when the
file is read, and nothing of it is repeated."""

from pathlib import Path

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import UsageProblem
from pytest_examday.run.redaction import HIDDEN, Redactor


def _read(folder: Path, **addresses: str) -> Environment:
    lines = [f"{key} = '{address}'" for key, address in addresses.items()]
    (folder / "examday.toml").write_text("\n".join(["[env.x]", *lines]), encoding="utf-8")
    return load_environment("x", None, None, (folder,), {})


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("postgresql://u:p@db.example:5432/exam", "postgresql://u:p@db.example:5432/exam"),
        ("postgres://u:p@db.example/exam", "postgresql://u:p@db.example/exam"),
        ("postgresql+asyncpg://u:p@db.example/exam", "postgresql://u:p@db.example/exam"),
        ("postgres+psycopg2://u:p@db.example/exam", "postgresql://u:p@db.example/exam"),
        ("postgresql://u:p%40ss@a.example,b.example:6432/exam", "postgresql://u:p%40ss@a.example,b.example:6432/exam"),
        ("postgresql:///exam?host=/var/run/postgresql", "postgresql:///exam?host=/var/run/postgresql"),
        ("postgresql://u:p@[::1]:5432/exam", "postgresql://u:p@[::1]:5432/exam"),
        ("host=db.example dbname=exam password=a@b", "host=db.example dbname=exam password=a@b"),
    ],
)
def test_an_address_of_postgresql_is_used_as_its_library_takes_it(tmp_path: Path, written: str, used: str) -> None:
    environment = _read(tmp_path, database_url=written)
    assert environment.database_url is not None
    assert environment.database_url.get_secret_value() == used


@pytest.mark.parametrize(
    ("key", "address", "told"),
    [
        (
            "database_url",
            "not a url",
            "must be an address such as postgresql://user:password@host:5432/name, or host=…",
        ),
        ("database_url", "db.example", "must be an address such as postgresql://"),
        ("database_url", "mysql://u:hunter2@db/exam", "must be an address such as postgresql://"),
        ("database_url", "postgresql://u:hun@ter2@db/exam", "%40"),
        ("database_url", "postgresql://u:hun/ter2@db/exam", "%2F"),
        ("database_url", "postgresql://u:12/ter2@db/exam", "%2F"),
        ("database_url", "postgresql://u:hun#ter2@db/exam", "%23"),
        ("database_url", "postgresql://u:hun?ter2@db/exam", "%3F"),
        ("database_url", "postgresql://u:hunter%2@db/exam", "%25"),
        ("database_url", "postgresql://u:hunter2@db:port/exam", "must be an address"),
        ("database_url", "postgresql://u:hunter2@db:99999/exam", "must be an address"),
        (
            "database_url",
            "postgresql://u:hunter2@db/exam?ssl=require",
            "has an option 'ssl' that PostgreSQL does not have",
        ),
        ("database_url", "postgresql://u@db/exam?sslmod=require", "PostgreSQL does not have; did you mean sslmode?"),
        (
            "database_url",
            "hots=db dbname=exam",
            "has an option 'hots' that PostgreSQL does not have; did you mean host",
        ),
        ("database_url", "", "must be an address"),
        ("redis_url", "cache.example:6379", "must be an address such as redis://:password@host:6379/0"),
        ("redis_url", "cache.example", "must be an address such as redis://"),
        ("redis_url", "http://cache.example", "schemes: redis, rediss, unix"),
        ("redis_url", "redis://", "must be an address such as redis://"),
        ("redis_url", "redis://:hun#ter2@cache/0", "%23"),
        ("redis_url", "redis://:hun/ter2@cache/0", "%2F"),
        ("redis_url", "redis://cache/exam", "must end with the number of a database, such as /0"),
        (
            "redis_url",
            "redis://cache/0?pasword=hunter2",
            "has an option after its ? that a connection to Redis does not",
        ),
        ("redis_url", "redis://cache/0?socket_timeout=soon", "has an option after its ?"),
        ("api_url", "https://api.example/?key=hunter2", "must be an address without ? and #"),
        ("api_url", "https://api.example/#hunter2", "must be an address without ? and #"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(
    tmp_path: Path, key: str, address: str, told: str
) -> None:
    with pytest.raises(UsageProblem) as problem:
        _read(tmp_path, **{key: address})
    (line,) = problem.value.mistakes
    assert line.startswith(f"{tmp_path / 'examday.toml'}: env.x.{key}: ")
    assert told in line
    assert not any(part in line for part in ("hun/", "hunter", "ter2", "@db", "hun@"))


@pytest.mark.parametrize(
    "address",
    ["redis://cache", "redis://:p%40ss@cache:6379/3", "rediss://u:p@cache/0?ssl_cert_reqs=none", "unix:///r.sock"],
)
def test_an_address_of_redis_is_used_as_it_stands(tmp_path: Path, address: str) -> None:
    environment = _read(tmp_path, redis_url=address)
    assert environment.redis_url is not None
    assert environment.redis_url.get_secret_value() == address


def test_the_password_of_a_dialect_is_hidden_as_any_other(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.learn_from(_read(tmp_path, database_url="postgresql+asyncpg://u:hunter%402@db.example/exam"))
    assert redactor.clean("password hunter@2 of hunter%402") == f"password {HIDDEN} of {HIDDEN}"
