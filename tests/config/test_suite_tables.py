"""A suite has a table of its own in an environment, which is read and checked as the other keys are."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import Field, HttpUrl, SecretStr

from pytest_examday.config.addresses import DatabaseUrl, RedisUrl
from pytest_examday.config.beside_configuration import ConfiguredPath
from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.json_schema import file_schema
from pytest_examday.config.suite_tables import UNKNOWN_TABLES, SuiteTables
from pytest_examday.errors import UsageProblem
from pytest_examday.record import Record
from pytest_examday.run.redaction import HIDDEN, Redactor


class Drawer(Record):
    """What the tills of a shop hold."""

    most: int = 3
    keys: dict[str, SecretStr] = Field({})


class Tills(Record):
    """The table of a suite."""

    url: HttpUrl | None = None
    database_url: DatabaseUrl | None = None
    caches: tuple[RedisUrl, ...] = ()
    files: tuple[ConfiguredPath, ...] = ()
    count_command: str | None = None
    drawer: Drawer | None = None
    codes: tuple[SecretStr, ...] = ()


TABLES = SuiteTables({"tills": Tills}, complete=True)


def _load(
    folder: Path, text: str, tables: SuiteTables = TABLES, *, healing: bool = False, **variables: str
) -> Environment:
    (folder / "examday.toml").write_text(text, encoding="utf-8")
    return load_environment("shop", None, None, (folder,), variables, tables=tables, healing=healing)


def _told(folder: Path, text: str, tables: SuiteTables = TABLES, **variables: str) -> list[str]:
    with pytest.raises(UsageProblem) as problem:
        _load(folder, text, tables, healing=False, **variables)
    return [line.removeprefix(f"{folder / 'examday.toml'}: ") for line in problem.value.mistakes]


def test_the_table_is_read_into_the_record_of_its_suite(tmp_path: Path) -> None:
    environment = _load(tmp_path, '[env.shop.tills]\nurl = "${TILLS}"\ndrawer.most = 2\n', TILLS="http://tills.example")
    table = environment.table_of("tills", Tills)
    assert table is not None
    assert (str(table.url), table.drawer) == ("http://tills.example/", Drawer(most=2))


def test_without_the_table_there_is_no_record(tmp_path: Path) -> None:
    assert _load(tmp_path, "[env.shop]\n").table_of("tills", Tills) is None


def test_its_mistakes_are_told_with_those_of_the_environment(tmp_path: Path) -> None:
    told = _told(
        tmp_path,
        """
        [env.shop]
        alow = ["read"]
        [env.shop.tills]
        url = "tills"
        fils = []
        caches = ["redis://cache.example", "cache"]
        [env.shop.tills.drawer]
        most = true
        mist = 2
        keys.acme = "${ACME}"
        """,
    )
    assert [line.partition(";")[0] for line in told] == [
        "env.shop.tills.drawer.keys.acme: the environment variable ACME is not set",
        "env.shop.tills.drawer.most: must be a whole number",
        "env.shop.tills.url: must be an address such as https://api.example.org",
        "env.shop.tills.caches[1]: must be an address such as redis://:password@host:6379/0",
        "env.shop.tills.drawer.mist: unknown key",
        "env.shop.tills.fils: unknown key",
        "env.shop.alow: unknown key",
    ]
    assert "did you mean files? valid keys: url, database_url, caches, files, " in told[5]


def test_a_misspelled_suite_is_an_unknown_key_with_the_one_that_was_meant(tmp_path: Path) -> None:
    (told,) = _told(tmp_path, "[env.shop.till]\n")
    assert told.startswith("env.shop.till: unknown key; did you mean tills? valid keys: api_url, ")
    assert told.endswith("log_format, tills")


def test_the_table_of_a_suite_that_is_not_loaded_is_an_unknown_key(tmp_path: Path) -> None:
    (told,) = _told(tmp_path, "[env.shop.tills]\n", SuiteTables({}, complete=True))
    assert told.startswith("env.shop.tills: unknown key; valid keys: ")


def test_what_is_no_table_is_told(tmp_path: Path) -> None:
    assert _told(tmp_path, "[env.shop]\ntills = 3\n") == ["env.shop.tills: must be a table"]


def test_a_command_that_loads_no_suites_reads_past_their_tables(tmp_path: Path) -> None:
    """`heal` has to work while a variable of a suite is not set."""
    text = '[env.shop]\napi_url = "http://shop.example"\n[env.shop.tills]\nurl = "${TILLS}"\n'
    assert _load(tmp_path, text, UNKNOWN_TABLES, healing=True).suites == {}
    assert _load(tmp_path, text, UNKNOWN_TABLES, TILLS="http://tills.example").suites == {}


def test_it_still_finds_a_misspelled_table(tmp_path: Path) -> None:
    (told,) = _told(tmp_path, "[env.shop.treshholds]\n", UNKNOWN_TABLES)
    assert "did you mean thresholds?" in told


def test_relative_paths_begin_at_the_folder_of_the_configuration_file(tmp_path: Path) -> None:
    environment = _load(tmp_path, '[env.shop.tills]\nfiles = ["tills/*.sql", "/etc/tills"]\n')
    table = environment.table_of("tills", Tills)
    assert table is not None
    assert table.files == (tmp_path / "tills/*.sql", Path("/etc/tills"))


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('url = "${ADDRESS}"', "url"),
        ('database_url = "${ADDRESS}"', "database_url"),
        ('caches = ["redis://named.example", "${ADDRESS}"]', "caches[1]"),
    ],
)
def test_an_address_from_a_variable_leads_only_to_a_host_that_is_named(tmp_path: Path, line: str, key: str) -> None:
    scheme = {"url": "http", "database_url": "postgresql"}.get(key, "redis")
    text = f'[env.shop]\nhosts = ["tills.example"]\n[env.shop.tills]\n{line}\n'
    _load(tmp_path, text, ADDRESS=f"{scheme}://tills.example")
    assert _told(tmp_path, text, ADDRESS=f"{scheme}://other.example") == [
        f"env.shop.tills.{key}: leads to the host other.example, which the environment does not name; "
        "if that is meant, add it to env.shop.hosts"
    ]


def test_a_host_that_its_table_spells_out_is_named(tmp_path: Path) -> None:
    text = '[env.shop]\nhosts = ["x.example"]\napi_url = "${A}"\n[env.shop.tills]\nurl = "http://tills.example"\n'
    assert str(_load(tmp_path, text, A="http://tills.example/api").api_url) == "http://tills.example/api"


def test_its_secrets_are_hidden(tmp_path: Path) -> None:
    environment = _load(
        tmp_path,
        """
        [env.shop.tills]
        url = "http://till:Xq7-Zebra-19@tills.example"
        database_url = "postgresql://till:Pq-hollow-77@tills.example/tills"
        codes = ["Rt-umber-5521"]
        drawer.keys.acme = "${ACME}"
        """,
        ACME="Lm-quartz-9931",
    )
    redactor = Redactor()
    redactor.learn_from(environment)
    for secret in ("Xq7-Zebra-19", "Pq-hollow-77", "Rt-umber-5521", "Lm-quartz-9931"):
        assert redactor.clean(f"it was {secret}.") == f"it was {HIDDEN}."


def test_a_command_finds_its_variables_in_its_environment(tmp_path: Path) -> None:
    environment = _load(tmp_path, '[env.shop.tills]\ncount_command = "count ${TILLS_KEY}"\n', TILLS_KEY="Hn-sable-4471")
    table = environment.table_of("tills", Tills)
    assert table is not None
    assert table.count_command == "count ${TILLS_KEY}"
    assert environment.command_variables == {"TILLS_KEY": "Hn-sable-4471"}


def test_the_json_schema_knows_the_table() -> None:
    schema = Draft202012Validator(file_schema(TABLES.records))
    assert schema.is_valid({"env": {"shop": {"tills": {"drawer": {"most": "${MOST}"}}}}})
    wrong = [error.message for error in schema.iter_errors({"env": {"shop": {"tills": {"drawers": {}}}}})]
    assert wrong == ["Additional properties are not allowed ('drawers' was unexpected)"]
    assert not Draft202012Validator(file_schema()).is_valid({"env": {"shop": {"tills": {}}}})
