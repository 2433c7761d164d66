"""What an environment says of exam mode beside the API, of its switch, and of the clean-up."""

from pathlib import Path

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import UsageProblem

_ENV = '[env.x]\napi_url = "http://exam.example"\n'
_STORES = 'schema = "reference"\ndatabase_url = "postgresql://a@b/c"\nwrite_database_url = "postgresql://w@b/c"\n'


def _loaded(folder: Path, text: str, **variables: str) -> Environment:
    (folder / "examday.toml").write_text(_ENV + text)
    return load_environment("x", None, None, (folder,), variables)


def _mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(UsageProblem) as problem:
        _loaded(folder, text)
    return [mistake.partition("examday.toml: env.x.")[2] for mistake in problem.value.mistakes]


def test_every_way_of_a_change_is_read(tmp_path: Path) -> None:
    made = _loaded(
        tmp_path,
        _STORES + 'exam_mode.read.sql = "SELECT 1"\nexam_mode.on.operation = "PUT /mode"\n'
        'exam_mode.off.command = "switch off ${WHO}"\nclean_up.sql = "DELETE FROM a WHERE b = ANY ({session_ids})"\n',
        WHO="me",
    )
    mode, clean_up = made.exam_mode, made.clean_up
    assert mode is not None
    assert mode.on is not None
    assert mode.off is not None
    assert mode.on.operation is not None
    assert (mode.on.operation.method, mode.on.operation.path, mode.on.operation.auth) == ("PUT", "/mode", "admin")
    assert (mode.off.command, mode.off.way, made.command_variables) == ("switch off ${WHO}", "command", {"WHO": "me"})
    assert clean_up is not None
    assert clean_up.sql == ("DELETE FROM a WHERE b = ANY ({session_ids})",)


def test_an_operation_without_a_path_goes_to_the_endpoint_of_the_contract(tmp_path: Path) -> None:
    made = _loaded(
        tmp_path,
        'exam_mode.on.operation.body = { method = "on" }\nexam_mode.off.operation.body = { method = "off" }\n'
        'contract = { preset = "reference", endpoint = { call = "POST /rpc", body = { id = 1 } } }\n',
    )
    assert made.exam_mode is not None
    assert made.exam_mode.off is not None
    operation = made.exam_mode.off.operation
    assert operation is not None
    assert (operation.path, operation.body) == ("/rpc", {"id": 1, "method": "off"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'exam_mode = { read = { sql = "SELECT 1", command = "x" }, on = {}, settle_seconds = 601 }\n'
            "clean_up = { sql = 3 }",
            [
                "exam_mode.read: has sql and command; give one of: sql, command",
                "exam_mode.on: is empty; give one of: sql, command, operation",
                "exam_mode.settle_seconds: must be at most 600",
                "clean_up.sql: must be a text or a list of texts",
            ],
        ),
        ('exam_mode.on.command = "x"', ["exam_mode.off: is missing; what `on` switches has to be switched back"]),
        (
            'exam_mode.off.command = "x"',
            ["exam_mode.on: is missing; without it there is nothing that `off` would switch back"],
        ),
        (
            'clean_up.sql = "DELETE {session_ids}"\nwrite_database_url = "postgresql://w@b/c"\n'
            'contract = { preset = "reference" }\nschema.preset = "refrence"',
            ["schema.preset: there is no preset 'refrence'; did you mean reference? choose one of: reference"],
        ),
        (
            'exam_mode = { read.sql = "SELECT 1", on.sql = "a", off.sql = "b" }',
            [
                "write_database_url: is missing; exam_mode.on.sql and exam_mode.off.sql need it",
                "database_url: is missing; exam_mode.read.sql needs it",
            ],
        ),
        (
            'exam_mode = { on.command = "a", off.operation = "PUT /x/{mode}" }\n'
            'contract = { preset = "reference", absent = ["exam_mode", "exam_mode_variable"] }\n'
            'clean_up.operation = "DELETE /exams/{id}/{session_id}"',
            [
                "exam_mode.on: needs exam_mode.read or contract.exam_mode, so that exam mode can be seen",
                "exam_mode.off.operation.path: unknown placeholder {mode}; valid: {address}",
                "clean_up.operation.path: unknown placeholder {id}; valid: {address}, {session_id}",
            ],
        ),
        (
            'clean_up.operation = "DELETE /exams"',
            ["clean_up.operation: has no {session_id}: it has to name the exam that it removes"],
        ),
        (
            _STORES + 'clean_up.sql = ["DELETE FROM a WHERE b = ANY (\'{1,2}\')", "DELETE {sessions}"]',
            [
                "clean_up.sql[0]: has no {session_ids}: it may remove only the exams that the run has opened",
                "clean_up.sql[1]: unknown placeholder {sessions}; valid: {session_ids}",
            ],
        ),
    ],
)
def test_what_is_wrong_is_told_all_at_once(tmp_path: Path, text: str, told: list[str]) -> None:
    assert _mistakes(tmp_path, text) == told


@pytest.mark.parametrize("unset", ["COMMAND_HOST", "WRITER"])
def test_who_heals_without_a_variable_of_the_switch_can_heal_everything_else(tmp_path: Path, unset: str) -> None:
    (tmp_path / "examday.toml").write_text(
        _ENV + _STORES.replace("//w@b", "//${WRITER}@b") + 'clean_up.command = "x ${OTHER}"\n'
        'exam_mode = { read.sql = "SELECT 1", on.command = "x ${COMMAND_HOST}", off.sql = "SELECT 1" }\n'
    )
    variables = {"COMMAND_HOST": "h", "WRITER": "w"}
    whole = load_environment("x", None, None, (tmp_path,), variables, healing=True)
    assert whole.exam_mode is not None
    del variables[unset]
    assert load_environment("x", None, None, (tmp_path,), variables, healing=True).exam_mode is None
