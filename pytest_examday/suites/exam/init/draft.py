"""Writes the draft of a configuration for a platform that nobody has described yet."""

import json
import re
from collections.abc import Iterator, Mapping

from pytest_examday.contract.operation import USUAL_SUCCESS
from pytest_examday.contract.vocabulary import VOCABULARY
from pytest_examday.suites.exam.init.openapi import DescribedOperation, Properties

GUESS = "# GUESS"
"""Marks every line that nobody has checked."""
TODO = "# TODO"
"""Marks a line that only a person can fill in."""
_VALUES = {
    "email": r"mail|user|login|name",
    "password": r"pass|secret|pwd|word",
    "refresh_token": r"refresh",
    "question_count": r"count|number|size",
    "question_id": r"question|item",
    "value": r"answer|choice|value|pick|option|response",
    "sequence": r"seq|version|order",
    "marked": r"mark|flag",
}
"""Placeholder -> what the property is likely to be called that holds it."""
_KEY = re.compile(r"idempot|dedup|\bonce\b|\bnonce\b", re.IGNORECASE)
"""What the name of a header is likely to contain that takes an idempotency key."""
_HEAD = """\
# How pytest-examday reaches the environment `{name}`. Every line that is marked {guess} or {todo} has to be looked at;
# then try all of it at once, without load:
#
#     python -m pytest_examday check --env {name}
#
# docs/your-platform.md explains each key. Secrets stay in variables.

[env.{name}]
api_url = "${{API_URL}}"
admin = {{ email = "rehearsal@example.org", password = "${{ADMIN_PASSWORD}}" }}  {todo} the account for admin operations
candidates = {{ email = "load-{{n:04d}}@example.org", password = "${{LOAD_PASSWORD}}", count = 600 }}  {todo} accounts
# database_url = "${{DATABASE_URL}}"  # read-only is enough; needs [env.{name}.schema]
# redis_url = "${{REDIS_URL}}"
# logs = ["/var/log/exam-api/*.log"]  # needs [env.{name}.log_format], or a preset: log_format = "nginx-traced"
allow = ["read", "write"]  # add "disrupt" where faults may be put in
"""
_TAIL = """\

# What a GO needs besides, and no document of an API describes; docs/reference.md explains each key.
# Drills stop and start services:
#
# [env.{name}.runtime]
# kind = "docker"  # or "command": a shell command for each action
# project = "exam"
#
# Protected operations are tried while exam mode is on:
#
# [env.{name}.exam_mode]
# read.sql = "SELECT exam_mode FROM settings"
#
# Acknowledged answers are searched for in the database:
#
# [env.{name}.schema.relations.sessions]
# table = "sessions"
# columns.id = "id"
# columns.owner = "user_id"
# columns.status = "status"
# columns.created_at = "created_at"
# columns.expires_at = "expires_at"
# columns.submitted_at = "submitted_at"
# columns.score = "score"
#
# [env.{name}.schema.relations.answers]
# table = "answers"
# columns.session_id = "session_id"
# columns.question_id = "question_id"
# columns.value = "choice"
# columns.sequence = "NULL"
# columns.saved_at = "saved_at"
"""
"""Parts of an environment that no OpenAPI document describes."""
_FINDS = {
    "login": '{ access_token = "access_token" }',
    "refresh": '{ access_token = "access_token" }',
    "create": '{ session_id = "id" }',
    "read": '{ questions = "questions[].{id: id, choices: choices[].key}", '
    'answers = "answers[].{question: question_id, value: value}" }',
    "submit": '{ score = "score" }',
    "review": '{ score = "score", answers = "answers[].{question: question_id, value: value}" }',
}
_ASKED_ABOUT = ("health", "ready")
_NEEDED = ("login", "create", "read", "answer", "submit")


def draft(name: str, found: Mapping[str, DescribedOperation]) -> str:
    """The text of `examday.toml` for the environment of this name, with the operations of an OpenAPI document."""
    return "\n".join(
        (_HEAD.format(name=name, guess=GUESS, todo=TODO), *_contract(name, found), _TAIL.format(name=name))
    )


def _contract(name: str, found: Mapping[str, DescribedOperation]) -> Iterator[str]:
    yield f"[env.{name}.contract]"
    yield f'request_id_header = "X-Request-ID"  {GUESS}'
    yield _idempotency_header(found)
    yield f'# endpoint = "POST /rpc"  {TODO} are all operations called at one path?'
    for operation in _ASKED_ABOUT:
        if operation not in found:
            yield f'# {operation} = "GET /{operation}"  {TODO} is there such a path?'
    for operation in VOCABULARY:
        if operation in found:
            yield ""
            yield from _operation(name, operation, found[operation])
        elif operation in _NEEDED:
            yield ""
            why = "nothing in the document looks like it" if found else "describe it"
            yield f"[env.{name}.contract.{operation}]  {TODO} {why}"
            yield f'call = "{"GET" if operation == "read" else "POST"} /"  {TODO}'
            yield from _finds(operation)


def _idempotency_header(found: Mapping[str, DescribedOperation]) -> str:
    """The header of the document that looks like an idempotency key; if there is none, a question."""
    headers = [header for name in ("create", "submit") if name in found for header in found[name].headers]
    header = next((header for header in headers if _KEY.search(header)), None)
    if header is None:
        return f'# idempotency_header = "Idempotency-Key"  {TODO} does a start or a submit take a key?'
    return f"idempotency_header = {json.dumps(header)}  {GUESS}"


def _operation(name: str, operation: str, one: DescribedOperation) -> Iterator[str]:
    yield f"[env.{name}.contract.{operation}]  {GUESS}: {one.method} {one.path}"
    yield f"call = {json.dumps(f'{one.method} {_path(operation, one.path)}')}  {GUESS}"
    if not set(one.success) <= set(USUAL_SUCCESS):
        yield f"success = [{', '.join(map(str, one.success))}]"
    if one.sent:
        yield f"body = {_body(operation, one.sent)}  {GUESS}"
    yield from _finds(operation)


def _finds(operation: str) -> Iterator[str]:
    if operation in _FINDS:
        yield f"finds = {_FINDS[operation]}  {GUESS}"


def _path(operation: str, path: str) -> str:
    """The path with the placeholders of the contract in the order in which exams have them."""
    names = [value for value in ("session_id", "question_id") if value in VOCABULARY[operation].values]
    return re.sub(r"\{[^}]*\}", lambda match: f"{{{names.pop(0)}}}" if names else match[0], path)


def _body(operation: str, sent: Properties) -> str:
    """Each property with the placeholder that it is likely to hold, once."""
    left = [value for value in VOCABULARY[operation].values if value in _VALUES]
    return _filled(sent, left) or "{}"


def _filled(sent: Properties, left: list[str]) -> str:
    """The properties, and those inside them, that hold one of the values which are left; empty if none does."""
    filled = []
    for name, inside in sent.items():
        held = _filled(inside, left) if inside else ""
        value = None if inside else next((one for one in left if re.search(_VALUES[one], name.lower())), None)
        if value is not None:
            left.remove(value)
            held = json.dumps(f"{{{value}}}")
        if held:
            filled.append(f"{json.dumps(name)} = {held}")
    return f"{{ {', '.join(filled)} }}" if filled else ""


CI_JOB = """\
# May we deploy? The last two commands end with 0 only on GO. Set the variables that examday.toml names as secrets.
exam-day-gates:
  script:
    - pip install pytest-examday
    - python -m pytest_examday check --env {name}
    - rm -rf rehearsal
    - pytest --env {name} -m gates --examday-dir rehearsal
    - python -m pytest_examday verify rehearsal --env {name} --max-age 24h
  artifacts:
    when: always
    paths: [rehearsal/]
"""
OWN_GATE = '''\
"""An example of a gate of your own: it counts for the verdict like every other one. Replace it, or remove this file."""

import urllib.parse
from socket import create_connection

import pytest


@pytest.mark.gate(name="api-is-reached")
def test_the_api_is_reached(environment):
    address = urllib.parse.urlsplit(str(environment.api_url))
    port = address.port or (443 if address.scheme == "https" else 80)
    create_connection((address.hostname, port), timeout=10).close()
'''
