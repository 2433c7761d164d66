"""The files that `sql_checks` names: each is a check, and every mistake is told at once with its file."""

from pathlib import Path

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import UsageProblem

_HEADER = "-- name: {name}\n-- title: A title\n-- expect: no row\n"


def _write(folder: Path, name: str, header: str = _HEADER, query: str = "SELECT 1 WHERE false;") -> None:
    (folder / "checks").mkdir(exist_ok=True)
    (folder / "checks" / f"{name}.sql").write_text(header.format(name=name) + query)


def _read(folder: Path, patterns: str, *, healing: bool = False) -> Environment:
    (folder / "examday.toml").write_text(f'[env.x]\napi_url = "http://exam.example"\nsql_checks = {patterns}\n')
    return load_environment("x", None, None, (folder,), {}, healing=healing)


def test_patterns_start_at_the_folder_of_the_configuration_file(tmp_path: Path) -> None:
    _write(tmp_path, "b_second", _HEADER + "-- severity: information\n")
    _write(tmp_path, "a_first")
    found = _read(tmp_path, '["checks/*.sql"]').sql_checks
    assert [(check.name, check.severity, check.text) for check in found] == [
        ("a_first", "failure", "SELECT 1 WHERE false"),
        ("b_second", "information", "SELECT 1 WHERE false"),
    ]
    assert _read(tmp_path, f"['{tmp_path}/checks/a*.sql', 'checks/a_first.sql']").sql_checks == found[:1]


def test_every_mistake_is_told_at_once_with_its_file(tmp_path: Path) -> None:
    _write(tmp_path, "no_header", "")
    _write(tmp_path, "orphaned_answers")
    _write(tmp_path, "severe", _HEADER + "-- severity: fatal\n")
    _write(tmp_path, "summary_of_mine", _HEADER + "-- kind: summary\n")
    _write(tmp_path, "slow", _HEADER + "-- seconds: few\n")
    _write(tmp_path, "empty", query=" ; ")
    _write(tmp_path, "With-Signs")
    with pytest.raises(UsageProblem) as problem:
        _read(tmp_path, '["checks/*.sql", "more/*.sql", "checks/gone.sql"]')
    place = f"{tmp_path}/examday.toml: env.x.sql_checks"
    assert sorted(problem.value.args) == sorted(
        [
            f"{place}[0]: {tmp_path}/checks/With-Signs.sql: the name must be of small letters, digits and _, and "
            "begin with a letter",
            f"{place}[0]: {tmp_path}/checks/empty.sql: there is no query below the header comment",
            f"{place}[0]: {tmp_path}/checks/no_header.sql: the header comment must give name (= the file's), title "
            "and expect",
            f"{place}[0]: {tmp_path}/checks/orphaned_answers.sql: the name is taken by sql/orphaned_answers.sql of "
            "pytest-examday",
            f"{place}[0]: {tmp_path}/checks/severe.sql: severity 'fatal' is none of failure, information",
            f"{place}[0]: {tmp_path}/checks/slow.sql: seconds 'few' is not a number",
            f"{place}[0]: {tmp_path}/checks/summary_of_mine.sql: kind 'summary' is not for files of your own; leave "
            "it out",
            f"{place}[1]: more/*.sql: no file matches in {tmp_path}",
            f"{place}[2]: {tmp_path}/checks/gone.sql: no such file",
        ]
    )


@pytest.mark.parametrize("patterns", ['"checks/*.sql"', "[7]", "{}"])
def test_what_is_no_list_of_patterns_is_one_mistake(tmp_path: Path, patterns: str) -> None:
    with pytest.raises(UsageProblem, match=r"sql_checks: must be a list of file patterns, such as") as problem:
        _read(tmp_path, patterns)
    assert len(problem.value.args) == 1


def test_one_name_in_two_folders_is_told(tmp_path: Path) -> None:
    _write(tmp_path, "twice")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "twice.sql").write_text(_HEADER.format(name="twice") + "SELECT 2")
    with pytest.raises(UsageProblem, match=r"more/twice.sql: the name is taken by .*/checks/twice.sql"):
        _read(tmp_path, '["checks/*.sql", "more/*.sql"]')


def test_healing_needs_no_checks(tmp_path: Path) -> None:
    assert _read(tmp_path, '["checks/gone.sql"]', healing=True).sql_checks == ()
