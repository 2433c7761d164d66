"""`python -m pytest_examday init` writes a draft in which every guess is marked, and overwrites nothing."""

import json
import re
import socket
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # its types are a package of their own

from pytest_examday.__main__ import main
from pytest_examday.config.environment_file import load_environment
from pytest_examday.suites.exam.init.draft import GUESS, OWN_GATE, TODO
from pytest_examday.suites.exam.init.openapi import described, recognised


def _body(*names: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    return {"content": {"application/json": {"schema": schema}}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/api/auth/login": {
            "post": {"requestBody": {"$ref": "#/components/requestBodies/Login"}, "responses": {"200": {}}}
        },
        "/api/auth/refresh": {"post": {"requestBody": _body("refreshToken"), "responses": {"200": {}}}},
        "/api/auth/password-reset": {"post": {"requestBody": _body("email"), "responses": {"204": {}}}},
        "/api/exams": {"get": {}, "post": {"responses": {"201": {}, "422": {}}}},
        "/api/exams/{id}": {"get": {"responses": {"200": {}}}},
        "/api/exams/{id}/items/{no}": {
            "put": {"requestBody": _body("pick", "version"), "responses": {"204": {}, "default": {}}}
        },
        "/api/exams/{id}/finish": {"post": {"responses": {"202": {}}}},
        "/api/exams/{id}/result": {"get": {"responses": {"200": {}}}},
        "/api/health": {"get": {}},
        "/api/admin/exams/{id}/recompute": {"post": {}},
    },
    "components": {
        "requestBodies": {
            "Login": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Account"}}}}
        },
        "schemas": {
            "Account": {"allOf": [{"$ref": "#/components/schemas/Account"}, {"$ref": "#/components/schemas/Names"}]},
            "Names": {"properties": {"username": {}, "passwd": {}}},
        },
    },
}


def _drafted(folder: Path, *arguments: str) -> str:
    assert main(["init", "--into", str(folder), *arguments]) == 0
    return (folder / "examday.toml").read_text()


def test_the_operations_of_a_document_are_recognised() -> None:
    found = recognised(described(DOCUMENT, "x"))
    assert {name: f"{one.method} {one.path}" for name, one in found.items()} == {
        "login": "POST /api/auth/login",
        "refresh": "POST /api/auth/refresh",
        "submit": "POST /api/exams/{id}/finish",
        "review": "GET /api/exams/{id}/result",
        "answer": "PUT /api/exams/{id}/items/{no}",
        "create": "POST /api/exams",
        "read": "GET /api/exams/{id}",
        "health": "GET /api/health",
    }


def test_the_draft_has_their_paths_bodies_and_statuses_with_a_mark_on_every_guess(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    text = _drafted(tmp_path, "--from", str(tmp_path / "openapi.json"))
    for line in (
        f'call = "PUT /api/exams/{{session_id}}/items/{{question_id}}"  {GUESS}',
        f'body = {{ "username" = "{{email}}", "passwd" = "{{password}}" }}  {GUESS}',
        f'body = {{ "pick" = "{{value}}", "version" = "{{sequence}}" }}  {GUESS}',
        "success = [202]",
        f"[env.staging.contract.read]  {GUESS}: GET /api/exams/{{id}}",
    ):
        assert line in text.splitlines()
    assert "success = [201]" not in text, "it is accepted as it is"
    finds = [line for line in text.splitlines() if line.startswith("finds")]
    assert all(line.endswith(GUESS) for line in finds)


@pytest.mark.parametrize("document", [None, DOCUMENT])
def test_the_draft_is_a_valid_configuration(tmp_path: Path, document: dict[str, Any] | None) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    _drafted(tmp_path, *(() if document is None else ("--from", str(tmp_path / "openapi.json"))))
    variables = {"API_URL": "http://exam.example", "ADMIN_PASSWORD": "p" * 9, "LOAD_PASSWORD": "p" * 9}
    environment = load_environment("staging", None, None, (tmp_path,), variables)
    assert environment.platform.contract.lacking("login", "create", "read", "answer", "submit") is None


def test_what_a_go_needs_besides_stands_in_comments_that_are_valid_without_their_marks(tmp_path: Path) -> None:
    text = _drafted(tmp_path)
    head, _, tail = text.partition("# What a GO needs besides")
    tables = re.sub(r"^# (?=\[|\w+(\.\w+)? = )", "", tail, flags=re.MULTILINE)
    operations = re.sub(r"^# (?=(endpoint|health|ready|database_url) = )", "", head, flags=re.MULTILINE)
    (tmp_path / "examday.toml").write_text(f"{operations}# {tables}")
    variables = dict.fromkeys(("ADMIN_PASSWORD", "LOAD_PASSWORD"), "p" * 9)
    addresses = {"API_URL": "http://exam.example", "DATABASE_URL": "postgresql://auditor@db.example/exam"}
    environment = load_environment("staging", None, None, (tmp_path,), {**variables, **addresses})
    assert environment.runtime.kind == "docker"
    assert environment.why_exam_mode_unreadable() is None
    assert environment.platform.contract.lacking("health", "ready") is None
    assert environment.platform.schema_if_described is not None


ENVELOPE: dict[str, Any] = {
    "paths": {
        "/exams": {
            "parameters": [{"$ref": "#/components/parameters/Once"}],
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}},
                },
            },
        },
        "/newsletter": {"post": {"parameters": [{"name": "X-Nonce", "in": "header"}]}},
        "/about": {"get": {}},
    },
    "components": {
        "parameters": {"Once": {"name": "X-Once", "in": "header"}},
        "schemas": {
            "Sent": {
                "properties": {
                    "data": {"$ref": "#/components/schemas/Data"},
                    "parent": {"$ref": "#/components/schemas/Sent"},
                }
            },
            "Data": {
                "properties": {"attributes": {"anyOf": [{"$ref": "#/components/schemas/Exam"}, {"type": "null"}]}}
            },
            "Exam": {"properties": {"question_count": {"type": "integer"}, "colour": {}}},
        },
    },
}


def test_a_body_in_an_envelope_and_a_header_that_takes_a_key_are_drafted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(ENVELOPE))
    lines = _drafted(tmp_path, "--from", str(tmp_path / "openapi.json")).splitlines()
    assert f'body = {{ "data" = {{ "attributes" = {{ "question_count" = "{{question_count}}" }} }} }}  {GUESS}' in lines
    assert f'idempotency_header = "X-Once"  {GUESS}' in lines
    printed = capsys.readouterr().out.splitlines()
    assert "not used: POST /newsletter, GET /about" in printed
    assert "test_own_gate.py is an example of a gate; replace it with one of your own, or remove it" in printed


def test_the_gate_passes_where_the_api_is_reached_and_fails_where_it_is_not() -> None:
    names: dict[str, Any] = {}
    exec(compile(OWN_GATE, "test_own_gate.py", "exec"), names)
    with socket.create_server(("127.0.0.1", 0)) as server:
        environment = SimpleNamespace(api_url=f"http://127.0.0.1:{server.getsockname()[1]}/api")
        names["test_the_api_is_reached"](environment)
    with pytest.raises(ConnectionRefusedError):
        names["test_the_api_is_reached"](environment)


def test_without_a_document_what_only_a_person_knows_is_marked(tmp_path: Path) -> None:
    text = _drafted(tmp_path)
    for operation in ("login", "create", "read", "answer", "submit"):
        assert f"[env.staging.contract.{operation}]  {TODO} describe it" in text


def test_the_gate_and_the_ci_job_name_the_environment(tmp_path: Path) -> None:
    _drafted(tmp_path, "--env", "uat")
    job = (tmp_path / "examday-ci.yml").read_text()
    assert "pytest --env uat -m gates --examday-dir rehearsal\n" in job
    assert "verify rehearsal --env uat" in job
    assert yaml.safe_load(job)["exam-day-gates"]["artifacts"]["paths"] == ["rehearsal/"], "the folder, not a link to it"
    assert '@pytest.mark.gate(name="api-is-reached")' in (tmp_path / "test_own_gate.py").read_text()
    assert tomllib.loads((tmp_path / "examday.toml").read_text())["env"].keys() == {"uat"}
    compile((tmp_path / "test_own_gate.py").read_text(), "test_own_gate.py", "exec")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no such file"),
        ("openapi: 3.1.0", "not valid JSON; YAML has to be converted first"),
        ("[" * 100_000, "not valid JSON; YAML has to be converted first"),
        ("[1, 2]", "no OpenAPI document: it has no object `paths`"),
        ('{"paths": []}', "no OpenAPI document: it has no object `paths`"),
    ],
)
def test_a_document_that_is_none_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, told: str
) -> None:
    if text is not None:
        (tmp_path / "openapi.json").write_text(text)
    assert main(["init", "--into", str(tmp_path), "--from", str(tmp_path / "openapi.json")]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(told)
    assert not (tmp_path / "examday.toml").exists()


@pytest.mark.parametrize(
    "paths",
    [
        {"/exams": None, "/x": {"post": 3}, "/y": {"post": {"responses": ["200"], "requestBody": 3}}},
        {"/exams": {"post": {"requestBody": {"$ref": "#/nowhere/at/all"}}}},
        {"/exams": {"post": {"requestBody": {"$ref": "#/paths"}, "operationId": 7}}},
        {"/exams": {"post": {"requestBody": {"content": {"application/json": {"schema": {"allOf": [1]}}}}}}},
    ],
)
def test_a_document_that_lies_costs_nothing(paths: dict[str, Any]) -> None:
    assert all(not one.sent for one in described({"paths": paths}, "x"))


def test_what_exists_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "examday.toml").write_text("mine")
    assert main(["init", "--into", str(tmp_path)]) == 4
    assert "examday.toml: exists already" in capsys.readouterr().err
    assert (tmp_path / "examday.toml").read_text() == "mine"
    assert not (tmp_path / "test_own_gate.py").exists()


def test_a_name_that_no_table_has_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--into", str(tmp_path), "--env", "a b"]) == 4
    assert "--env a b: letters, digits, - and _ only, and a letter first" in capsys.readouterr().err
