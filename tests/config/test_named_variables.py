"""Which variables of an environment hold secrets."""

import pytest

from pytest_examday.config.named_variables import named_variables

ALL = {
    name: f"v4lue-of-{name}"
    for name in ("CODE", "API_HOST", "TOKEN_FILE", "PEOPLE", "TENANT", "WORD", "START", "TENANT_ID", "UNNAMED")
} | {"PROXY": "http://u:pw@p.example", "EMPTY": "", "CLUSTER_NS": "staging", "TOKEN": "staging"}


@pytest.mark.parametrize(
    ("table", "secret", "plain"),
    [
        ({"runtime": {"jobs": {"a": "run ${CODE} ${API_HOST} ${TOKEN_FILE}"}}}, {"CODE", "TOKEN_FILE"}, {"API_HOST"}),
        ({"contract": {"headers": {"X-Tenant": "${TENANT}", "X-Id": "${TENANT_ID}"}}}, {"TENANT"}, {"TENANT_ID"}),
        ({"candidates": {"email": "c{n}@${PEOPLE}", "password": "${WORD}"}}, {"WORD"}, {"PEOPLE"}),
        ({"candidates": {"command": "make ${PEOPLE} ${START:-now}"}}, {"PEOPLE", "START"}, set()),
        ({"hosts": ["${TENANT}"], "runtime": {"defaults": {"stop": "ssh ${TENANT}"}}}, set(), {"TENANT"}),
        ({"hosts": ["${WORD}"], "candidates": {"password": "${WORD}"}}, {"WORD"}, set()),
        ({"logs": ["${PROXY}/x"], "hosts": ["${TOKEN_FILE}"]}, {"PROXY", "TOKEN_FILE"}, set()),
        ({"runtime": {"jobs": {"a": "run -n ${CLUSTER_NS} ${TOKEN}"}}}, {"TOKEN"}, {"CLUSTER_NS"}),
        ({"runtime": {"jobs": {"a": "run ${EMPTY} ${UNSET}"}}}, set(), set()),
    ],
)
def test_names_keys_and_places_tell_it(table: dict[str, object], secret: set[str], plain: set[str]) -> None:
    named = named_variables(table, ALL)
    assert (set(named.secret), set(named.plain)) == (secret, plain)
    assert {**named.secret, **named.plain} == {name: ALL[name] for name in secret | plain}
