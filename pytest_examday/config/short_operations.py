"""Writes out the short forms of operations in a contract, before the contract is validated.

* `health = "GET /ping"` stands for a table with this method and path; in a table, `call = "GET /ping"` stands for both.
* An operation without method and path is a call to the `endpoint`, with its other keys too; the keys of its own `body`
  stand beside those of the endpoint's.
* An operation that does not give `auth` is called by those who usually call it.
* Protected operations and jobs may be tables by name: `protected operations.reindex = { … }` stands for an entry of the
list with this `name`.
* `create_short` begins with the keys of `create`. If `refresh` does not say how its reply is read, it is read as the
reply of `login`.
"""

import re
from collections.abc import Callable
from typing import Any

from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.validated_record import validated_record
from pytest_examday.contract.endpoint import Endpoint
from pytest_examday.contract.vocabulary import VOCABULARY

CALL = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
"""A method and a path."""
NAMED = ("protected", "jobs")
"""The keys of a contract whose entries may be tables by name."""
_CALLED_BY_ANYBODY = ("health", "ready", "sign_up", "before_login", "login", "refresh")
"""The operations that are called without a token."""
_READ_AS_LOGIN = ("success_when", "page", "finds")
_SENT = ("body", "form", "multipart")

_ChangeOperation = Callable[[Any, str, Place], Any]
"""Takes an operation, its usual caller, and its place within the contract; returns what the operation becomes."""


def with_calls(contract: dict[str, Any], place: Place, mistakes: Mistakes) -> dict[str, Any]:
    """The contract as a user gave it, with `method` and `path` in place of texts and of `call`, and lists in place of
    tables by name."""

    def spelled_out(operation: Any, _caller: str, within: Place) -> Any:
        return _spelled_out(operation, place_of_named(contract, place, (*place, *within)), mistakes)

    changed = dict(contract)
    if "endpoint" in changed:
        changed["endpoint"] = _endpoint(changed["endpoint"], (*place, "endpoint"), mistakes)
    changed |= {name: _listed(changed[name]) for name in NAMED if name in changed}
    return _with_each_operation(changed, spelled_out)


def place_of_named(contract: dict[str, Any], place: Place, below: Place) -> Place:
    """The place of a value in the contract as its user wrote it: protected operations and jobs by their names, not by
    numbers. `below` is the place within the contract."""
    match below[len(place) :]:
        case (str() as key, int() as number, *rest) if key in NAMED and isinstance(contract.get(key), dict):
            return (*place, key, list(contract[key])[number], *rest)
    return below


def completed(contract: dict[str, Any]) -> dict[str, Any]:
    """The contract, with the keys that its operations leave out: who calls, and what they share with another operation
    or with the endpoint. The result has no endpoint."""
    changed = dict(contract)
    endpoint = changed.pop("endpoint", None)
    create, short = changed.get("create"), changed.get("create_short")
    if isinstance(create, dict) and isinstance(short, dict):
        shared = {key: value for key, value in create.items() if key not in _SENT or not _gives(short, _SENT)}
        changed["create_short"] = shared | short
    login, refresh = changed.get("login"), changed.get("refresh")
    if isinstance(login, dict) and isinstance(refresh, dict) and not _gives(refresh, _READ_AS_LOGIN):
        changed["refresh"] = {key: login[key] for key in _READ_AS_LOGIN if key in login} | refresh
    if isinstance(endpoint, dict):
        changed = _with_each_operation(changed, lambda operation, _caller, _within: _sent_to(endpoint, operation))
    return _with_each_operation(changed, lambda operation, caller, _within: _called_by(caller, operation))


def with_operations(table: Any, keys: tuple[str, ...], contract: Any, place: Place, mistakes: Mistakes) -> Any:
    """A table of changes with its operations written out: those below these keys, or its own if there are none. They
    are calls of the administrator, to the contract's endpoint if they have no path of their own."""
    if not isinstance(table, dict):
        return table
    if keys:
        made = {key: with_operations(table[key], (), contract, (*place, key), mistakes) for key in keys if key in table}
        return table | made
    endpoint = contract.get("endpoint") if isinstance(contract, dict) else None
    endpoint_keys = None if endpoint is None else _endpoint(endpoint, place, Mistakes(mistakes.source))

    def written_out(operation: Any) -> Any:
        operation = _spelled_out(operation, (*place, "operation"), mistakes)
        if endpoint_keys is not None:
            operation = _sent_to(endpoint_keys, operation)
        return _called_by("admin", operation)

    return _with_held_operation(table, written_out)


def _with_each_operation(contract: dict[str, Any], change: _ChangeOperation) -> dict[str, Any]:
    """The contract with each of its operations changed: those by name, those that exam mode allows, and those that a
    limit, metrics or a protected operation holds."""

    def held(holder: Any, caller: str, within: Place) -> Any:
        return _with_held_operation(holder, lambda operation: change(operation, caller, (*within, "operation")))

    changed = dict(contract)
    for name in VOCABULARY:
        if name in changed:
            changed[name] = change(changed[name], _usual_caller(name), (name,))
    if isinstance(changed.get("allowed"), dict):
        changed["allowed"] = {
            name: change(operation, "admin", ("allowed", name)) for name, operation in changed["allowed"].items()
        }
    for name in ("rate_limit", "metrics"):
        if name in changed:
            changed[name] = held(changed[name], "none", (name,))
    if isinstance(changed.get("protected"), list):
        changed["protected"] = [
            held(entry, "admin", ("protected", number)) for number, entry in enumerate(changed["protected"])
        ]
    return changed


def _with_held_operation(holder: Any, change: Callable[[Any], Any]) -> Any:
    """A table whose key `operation` holds an operation, with this operation changed; any other value as it is."""
    if not isinstance(holder, dict) or "operation" not in holder:
        return holder
    return holder | {"operation": change(holder["operation"])}


def _listed(entries: Any) -> Any:
    """Tables by name as a list; each entry has its name. Any other value as it is."""
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        return entries
    return [entry | {"name": name} for name, entry in entries.items()]


def _endpoint(given: Any, place: Place, mistakes: Mistakes) -> dict[str, Any]:
    """The keys of the endpoint. If they are wrong, the mistakes are noted, and the result is any valid endpoint, so
    that the operations are still checked."""
    keys = _spelled_out(given, place, mistakes)
    if not isinstance(keys, dict):
        mistakes.add(place, "must be a method and a path, such as 'POST /rpc', or a table")
        keys = {}
    return dict(keys) if validated_record(Endpoint, keys, place, mistakes) else {"method": "POST", "path": "/"}


def _sent_to(endpoint: dict[str, Any], operation: Any) -> Any:
    """The operation as a call to the endpoint; unchanged if it has method and path of its own."""
    if not isinstance(operation, dict) or _gives(operation, ("method", "path")):
        return operation
    shared, own = endpoint.get("body"), operation.get("body")
    body = {"body": shared | own} if isinstance(shared, dict) and isinstance(own, dict) else {}
    return endpoint | operation | body


def _spelled_out(operation: Any, place: Place, mistakes: Mistakes) -> Any:
    """The operation with `method` and `path` in place of a text or of its key `call`."""
    if isinstance(operation, str):
        return _method_and_path(operation, place, mistakes)
    if not isinstance(operation, dict) or "call" not in operation:
        return operation
    others = {key: value for key, value in operation.items() if key != "call"}
    if _gives(operation, ("method", "path")):
        mistakes.add((*place, "call"), "stands for `method` and `path`; give one or the other")
        return others
    return _method_and_path(operation["call"], (*place, "call"), mistakes) | others


def _method_and_path(call: Any, place: Place, mistakes: Mistakes) -> dict[str, Any]:
    match = CALL.fullmatch(call) if isinstance(call, str) else None
    if match is None:
        mistakes.add(place, "must be a method (GET, POST, PUT, PATCH, DELETE) and a path, such as 'POST /login'")
        return {"method": "GET", "path": "/"}  # so that the other keys are still checked
    return {"method": match[1], "path": match[2]}


def _usual_caller(name: str) -> str:
    if name in _CALLED_BY_ANYBODY:
        return "none"
    return "admin" if name == "exam_mode" else "candidate"


def _called_by(caller: str, operation: Any) -> Any:
    return {"auth": caller} | operation if isinstance(operation, dict) else operation


def _gives(operation: dict[str, Any], keys: tuple[str, ...]) -> bool:
    return any(key in operation for key in keys)
