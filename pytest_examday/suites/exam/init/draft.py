"""Writes the draft of a configuration for a platform that nobody has described yet."""

import json
import re
from collections.abc import Iterator, Mapping

from pytest_examday.contract.operation import USUAL_SUCCESS
from pytest_examday.contract.vocabulary import VOCABULARY
from pytest_examday.suites.exam.init.openapi import DescribedOperation

GUESS = "# GUESS"
"""Marks every line that nobody has checked."""
TODO = "# TODO"
"""Marks a line that only a person can fill in."""
_VALUES = {
    "email": r"e-?mail|user|login|name",
    "password": r"pass|secret|pwd",
    "refresh_token": r"refresh",
    "question_count": r"count|number",
    "question_id": r"question|item",
    "value": r"answer|choice|value|pick|option|response",
    "sequence": r"seq|version|order",
    "marked": r"mark|flag",
}
"""Placeholder -> what the property is likely to be called that holds it."""
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
_FINDS = {
    "login": '{ access_token = "access_token" }',
    "refresh": '{ access_token = "access_token" }',
    "create": '{ session_id = "id" }',
    "read": '{ questions = "questions[].{id: id, choices: choices[].key}", '
    'answers = "answers[].{question: question_id, value: value}" }',
    "submit": '{ score = "score" }',
    "review": '{ score = "score", answers = "answers[].{question: question_id, value: value}" }',
}
_NEEDED = ("login", "create", "read", "answer", "submit")


def draft(name: str, found: Mapping[str, DescribedOperation]) -> str:
    """The text of `examday.toml` for the environment of this name, with the operations of an OpenAPI document."""
    return "\n".join((_HEAD.format(name=name, guess=GUESS, todo=TODO), *_contract(name, found)))


def _contract(name: str, found: Mapping[str, DescribedOperation]) -> Iterator[str]:
    yield f"[env.{name}.contract]"
    yield f'request_id_header = "X-Request-ID"  {GUESS}'
    yield f'# idempotency_header = "Idempotency-Key"  {TODO} does a start or a submit take a key?'
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


def _body(operation: str, sent: tuple[str, ...]) -> str:
    """Each property with the placeholder that it is likely to hold, once."""
    left = [value for value in VOCABULARY[operation].values if value in _VALUES]
    filled = []
    for name in sent:
        value = next((value for value in left if re.search(_VALUES[value], name.lower())), None)
        if value is not None:
            left.remove(value)
            filled.append(f"{json.dumps(name)} = {json.dumps(f'{{{value}}}')}")
    return f"{{ {', '.join(filled)} }}" if filled else "{}"


CI_JOB = """\
# May we deploy? The last two commands end with 0 only on GO. Set the variables that examday.toml names as secrets.
exam-day-gates:
  script:
    - pip install pytest-examday
    - python -m pytest_examday check --env {name}
    - rm -f rehearsals/latest
    - pytest --env {name} -m gates
    - python -m pytest_examday verify --env {name} --max-age 24h
  artifacts:
    when: always
    paths: [rehearsals/latest/]
"""
OWN_GATE = '''\
"""A gate of our own: it counts for the verdict like every other one."""

import ssl
import time
import urllib.parse
from socket import create_connection

import pytest


@pytest.mark.gate(name="certificate-outlives-the-exam")
def test_certificate_outlives_the_exam(environment):
    address = urllib.parse.urlsplit(str(environment.api_url))
    if address.scheme != "https":
        pytest.fail(f"{address.hostname} is not reached by https")
    context = ssl.create_default_context()
    with create_connection((address.hostname, address.port or 443), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=address.hostname) as connection:
            ends = ssl.cert_time_to_seconds(connection.getpeercert()["notAfter"])
    assert ends - time.time() > 14 * 24 * 3600, "the certificate ends within 14 days"
'''
