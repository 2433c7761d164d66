"""Short ways to write the operations of a contract. They are spelled out before the contract is validated.

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
from typing import Any

from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.validated_record import validated_record
from pytest_examday.contract.endpoint import Endpoint
from pytest_examday.contract.vocabulary import VOCABULARY

CALL = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
"""A method and a path."""
NAMED = ("protected", "jobs")
"""The keys of a contract whose entries may be tables by name."""
_ANYBODY = ("health", "ready", "sign_up", "before_login", "login", "refresh")
_READ_AS_LOGIN = ("success_when", "page", "finds")
_SENT = ("body", "form", "multipart")


def with_calls(contract: dict[str, Any], place: Place, mistakes: Mistakes) -> dict[str, Any]:
    """The contract as a user gave it, with `method` and `path` in place of texts and of `call`, and lists in place of
    tables by name."""
    made = dict(contract)
    if "endpoint" in made:
        made["endpoint"] = _endpoint(made["endpoint"], (*place, "endpoint"), mistakes)
    for name in VOCABULARY:
        if name in made:
            made[name] = _operation(made[name], (*place, name), mistakes)
    if isinstance(made.get("allowed"), dict):
        made["allowed"] = {
            name: _operation(given, (*place, "allowed", name), mistakes) for name, given in made["allowed"].items()
        }
    for name in ("rate_limit", "metrics"):
        made |= {name: _holder(made[name], (*place, name), mistakes)} if name in made else {}
    named = isinstance(made.get("protected"), dict)
    made |= {name: _listed(made[name]) for name in NAMED if name in made}
    if isinstance(made.get("protected"), list):
        made["protected"] = [
            _holder(given, (*place, "protected", given["name"] if named else number), mistakes)
            for number, given in enumerate(made["protected"])
        ]
    return made


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
    made = dict(contract)
    endpoint = made.pop("endpoint", None)
    create, short = made.get("create"), made.get("create_short")
    if isinstance(create, dict) and isinstance(short, dict):
        shared = {key: value for key, value in create.items() if key not in _SENT or not _gives(short, _SENT)}
        made["create_short"] = shared | short
    login, refresh = made.get("login"), made.get("refresh")
    if isinstance(login, dict) and isinstance(refresh, dict) and not _gives(refresh, _READ_AS_LOGIN):
        made["refresh"] = {key: login[key] for key in _READ_AS_LOGIN if key in login} | refresh
    if isinstance(endpoint, dict):
        made = _at_endpoint(made, endpoint)
    for name in VOCABULARY:
        made |= {name: _called_by(_usual_caller(name), made[name])} if name in made else {}
    for name in ("rate_limit", "metrics"):
        made |= {name: _held_called_by("none", made[name])} if name in made else {}
    if isinstance(made.get("protected"), list):
        made["protected"] = [_held_called_by("admin", protected) for protected in made["protected"]]
    if isinstance(made.get("allowed"), dict):
        made["allowed"] = {name: _called_by("admin", operation) for name, operation in made["allowed"].items()}
    return made


def with_operations(table: Any, keys: tuple[str, ...], contract: Any, place: Place, mistakes: Mistakes) -> Any:
    """A table of changes with its operations written out: those below these keys, or its own if there are none. They
    are calls of the administrator, to the contract's endpoint if they have no path of their own."""
    if not isinstance(table, dict):
        return table
    if keys:
        made = {key: with_operations(table[key], (), contract, (*place, key), mistakes) for key in keys if key in table}
        return table | made
    held = _holder(table, place, mistakes)
    endpoint = contract.get("endpoint") if isinstance(contract, dict) else None
    if endpoint is not None:
        held = _held_sent_to(_endpoint(endpoint, place, Mistakes(mistakes.source)), held)
    return _held_called_by("admin", held)


def _listed(given: Any) -> Any:
    """Tables by name as a list; a table that gives another name keeps the key as its name."""
    if not isinstance(given, dict) or not all(isinstance(entry, dict) for entry in given.values()):
        return given
    return [entry | {"name": name} for name, entry in given.items()]


def _endpoint(given: Any, place: Place, mistakes: Mistakes) -> dict[str, Any]:
    """The keys of the endpoint without those that are wrong."""
    keys = _operation(given, place, mistakes)
    if not isinstance(keys, dict):
        mistakes.add(place, "must be a method and a path, such as 'POST /rpc', or a table")
        keys = {}
    if validated_record(Endpoint, keys, place, mistakes):
        return dict(keys)
    return {"method": "POST", "path": "/"}  # so that the operations are still checked


def _at_endpoint(contract: dict[str, Any], endpoint: dict[str, Any]) -> dict[str, Any]:
    made = {name: _sent_to(endpoint, given) if name in VOCABULARY else given for name, given in contract.items()}
    for name in ("rate_limit", "metrics"):
        made |= {name: _held_sent_to(endpoint, made[name])} if name in made else {}
    if isinstance(made.get("protected"), list):
        made["protected"] = [_held_sent_to(endpoint, protected) for protected in made["protected"]]
    if isinstance(made.get("allowed"), dict):
        made["allowed"] = {name: _sent_to(endpoint, given) for name, given in made["allowed"].items()}
    return made


def _sent_to(endpoint: dict[str, Any], operation: Any) -> Any:
    """The operation as a call to the endpoint; unchanged if it has method and path of its own."""
    if not isinstance(operation, dict) or _gives(operation, ("method", "path")):
        return operation
    shared, own = endpoint.get("body"), operation.get("body")
    body = {"body": shared | own} if isinstance(shared, dict) and isinstance(own, dict) else {}
    return endpoint | operation | body


def _held_sent_to(endpoint: dict[str, Any], holder: Any) -> Any:
    if not isinstance(holder, dict) or "operation" not in holder:
        return holder
    return holder | {"operation": _sent_to(endpoint, holder["operation"])}


def _operation(given: Any, place: Place, mistakes: Mistakes) -> Any:
    if isinstance(given, str):
        return _from_call(given, place, mistakes)
    if not isinstance(given, dict) or "call" not in given:
        return given
    others = {key: value for key, value in given.items() if key != "call"}
    if _gives(given, ("method", "path")):
        mistakes.add((*place, "call"), "stands for `method` and `path`; give one or the other")
        return others
    return _from_call(given["call"], (*place, "call"), mistakes) | others


def _from_call(given: Any, place: Place, mistakes: Mistakes) -> dict[str, Any]:
    found = CALL.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        mistakes.add(place, "must be a method (GET, POST, PUT, PATCH, DELETE) and a path, such as 'POST /login'")
        return {"method": "GET", "path": "/"}  # so that the other keys are still checked
    return {"method": found[1], "path": found[2]}


def _holder(given: Any, place: Place, mistakes: Mistakes) -> Any:
    """A protected operation, a limit or metrics: a table that holds an operation."""
    if not isinstance(given, dict) or "operation" not in given:
        return given
    return given | {"operation": _operation(given["operation"], (*place, "operation"), mistakes)}


def _usual_caller(name: str) -> str:
    if name in _ANYBODY:
        return "none"
    return "admin" if name == "exam_mode" else "candidate"


def _called_by(caller: str, operation: Any) -> Any:
    return {"auth": caller} | operation if isinstance(operation, dict) else operation


def _held_called_by(caller: str, holder: Any) -> Any:
    if not isinstance(holder, dict) or "operation" not in holder:
        return holder
    return holder | {"operation": _called_by(caller, holder["operation"])}


def _gives(operation: dict[str, Any], keys: tuple[str, ...]) -> bool:
    return any(key in operation for key in keys)
