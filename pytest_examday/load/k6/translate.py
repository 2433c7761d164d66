"""Translates a contract for the k6 scripts: each JMESPath expression becomes its syntax tree.

k6's JavaScript has no JMESPath. So Python's jmespath parses the expression, and `k6/jmespath.js` evaluates the tree.
Expressions that it cannot evaluate are refused here, before anything is sent.
"""

from collections.abc import Mapping
from typing import Any

from pytest_examday.config.accounts import CandidateAccounts
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.json_finder import compiled
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.vocabulary import AROUND_LOGIN, SIGN_UP
from pytest_examday.errors import UsageProblem

FUNCTIONS = (
    "contains",
    "ends_with",
    "join",
    "keys",
    "length",
    "not_null",
    "starts_with",
    "to_number",
    "to_string",
    "values",
)
NODES = frozenset(
    {
        "and_expression",
        "comparator",
        "current",
        "field",
        "filter_projection",
        "flatten",
        "function_expression",
        "identity",
        "index",
        "index_expression",
        "key_val_pair",
        "literal",
        "multi_select_dict",
        "multi_select_list",
        "not_expression",
        "or_expression",
        "pipe",
        "projection",
        "subexpression",
        "value_projection",
    }
)
_KEYS = ("page", "keeps", "stored_already", "multipart")
"""Keys of an operation that k6 cannot follow."""
_WAYS_IN = ("lifetime", "logins_per_second", "mint")
"""Keys of candidates that k6 cannot follow."""
_WORDS = {"slice": "slices", "expref": "expression references"}


def translated(contract: Contract, found: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The parts of the contract that the scripts need; an operation that the platform lacks is left out.

    `found` names the operations that actors use, and the values that they read from each reply. Raises UsageProblem,
    which names operation and key, for an expression that the scripts cannot evaluate, and for a key that they do not
    support.
    """
    require_simple(contract)
    return {
        "request_id_header": contract.request_id_header,
        "idempotency_header": contract.idempotency_header,
        "token_header": contract.token_header,
        "operations": {
            name: _operation(name, operation, looked_for, contract.headers)
            for name, looked_for in found.items()
            if (operation := getattr(contract, name)) is not None
        },
    }


def require_simple(contract: Contract, candidates: CandidateAccounts | None = None) -> None:
    """Raise UsageProblem if a contract needs what only the built-in candidates can do: pages, headers and cookies
    that are read, values that are kept, addresses of their own; or if candidates are to log in in a way that only
    these can."""
    cannot = [f"contract.{name}" for name in AROUND_LOGIN if getattr(contract, name) is not None]
    for name, operation in contract.named_operations().items():
        if name == SIGN_UP:
            continue  # the rehearsal itself signs people up, before k6 begins
        cannot += [f"contract.{name}.{key}" for key in _KEYS if getattr(operation, key)]
        if operation.reads_headers:
            cannot.append(f"contract.{name}.finds (header or cookie)")
    if contract.answer.sends("version"):
        cannot.append("contract.answer with {version}")
    if contract.sends_person_values and not contract.kept_names:
        cannot.append("{address}")
    if candidates is not None:
        cannot += [f"candidates.{name}" for name in _WAYS_IN if getattr(candidates, name, None) is not None]
    if cannot:
        raise UsageProblem(f"--examday-engine k6 cannot do {', '.join(cannot)}; use the engine candidates")


def _operation(
    name: str, operation: Operation, looked_for: tuple[str, ...], headers: Mapping[str, str]
) -> dict[str, Any]:
    when = operation.success_when
    finds = {key: operation.finds[key] for key in looked_for if key in operation.finds}
    return {
        "method": operation.method,
        "path": operation.path,
        "body": operation.body,
        "form": operation.form,
        "headers": {**headers, **operation.headers},
        "success": list(operation.success),
        "success_when": None if when is None else tree(when, f"{name}.success_when"),
        "finds": {key: tree(expression, f"{name}.finds.{key}") for key, expression in finds.items()},
    }


def tree(expression: str, where: str) -> dict[str, Any]:
    """The syntax tree of a JMESPath expression; raises UsageProblem if k6's scripts cannot evaluate it."""
    parsed: dict[str, Any] = dict(compiled(expression).parsed)
    _require_known(parsed, f"--examday-engine k6: {where}: {expression!r}")
    return parsed


def _require_known(node: dict[str, Any], where: str) -> None:
    kind = node["type"]
    if kind not in NODES:
        raise UsageProblem(f"{where}: {_WORDS.get(kind, kind)} cannot be evaluated in k6; use the engine candidates")
    if kind == "function_expression" and node["value"] not in FUNCTIONS:
        raise UsageProblem(
            f"{where}: the function {node['value']}() cannot be evaluated in k6; it knows: {', '.join(FUNCTIONS)}"
        )
    for child in node["children"]:
        _require_known(child, where)
