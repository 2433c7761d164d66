"""Every operation of the contract has a route on the embedded platform and a caller in the plugin."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

import pytest_examday
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.platform import routes_admin, routes_auth, routes_sessions, routes_system

ROUTES = {
    (method, route.path)
    for module in (routes_system, routes_auth, routes_sessions, routes_admin)
    for route in module.ROUTES
    for method in route.methods or ()
}
PACKAGE = Path(pytest_examday.__file__).parent
CALLS = {"call", "send_once", "send_until_accepted", "_send_until_accepted", "_click", "_enter"}
"""The functions that take the name of an operation first."""


def _operations(value: object, name: str) -> Iterator[tuple[str, Operation]]:
    """Every operation within the value, with the place at which it stands."""
    if isinstance(value, Operation):
        yield name, value
    elif isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from _operations(getattr(value, field), f"{name}.{field}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _operations(inner, f"{name}.{key}")
    elif isinstance(value, tuple):
        for inner in value:
            yield from _operations(inner, f"{name}.{getattr(inner, 'name', inner)}")


def _used(node: ast.AST) -> str | None:
    """The field of the contract that this piece of code uses: `….contract.NAME`, or a call with "NAME" first."""
    if isinstance(node, ast.Attribute):
        owner = node.value
        of_contract = getattr(owner, "attr", getattr(owner, "id", None)) == "contract"
        return node.attr if of_contract else None
    if isinstance(node, ast.Call) and node.args and getattr(node.func, "attr", None) in CALLS:
        first = node.args[0]
        return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    return None


@pytest.fixture(scope="module")
def used() -> set[str]:
    """The fields of the contract that modules of the plugin use."""
    apart = {PACKAGE / "platform", PACKAGE / "contract"}
    files = [path for path in PACKAGE.rglob("*.py") if not apart & set(path.parents)]
    found = (_used(node) for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {name for name in found if name is not None}


@pytest.mark.parametrize(("name", "operation"), [pytest.param(*one, id=one[0]) for one in _operations(CONTRACT, "")])
def test_the_embedded_platform_serves_the_operation(name: str, operation: Operation) -> None:
    told = f"add a route to pytest_examday/platform/routes_*.py for{name}: {operation.method} {operation.path}"
    assert (operation.method, operation.path) in ROUTES, told


@pytest.mark.parametrize(
    "name", [name for name in Contract.model_fields if [*_operations(getattr(CONTRACT, name), "")]]
)
def test_the_plugin_uses_the_operation(name: str, used: set[str]) -> None:
    told = f"nothing calls {name}: add `target.api.call({name!r})` to an activity, or take it out of the contract"
    assert name in used, told
