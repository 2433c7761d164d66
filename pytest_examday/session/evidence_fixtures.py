"""Makes the fixture `NAME_evidence` for each activity; it gives the record that the activity left."""

import inspect
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import pytest

from pytest_examday.core.activity import Activity
from pytest_examday.errors import Unmeasurable
from pytest_examday.session.marks import EVIDENCE_SUFFIX
from pytest_examday.session.rehearsal import REHEARSAL

_MODULE = "examday_evidence"


def evidence_fixtures(activities: Iterable[Activity]) -> ModuleType:
    """A module with the fixtures, to be registered as a plugin."""
    module = ModuleType(_MODULE, "The evidence of the rehearsal, one fixture for each activity.")
    for activity in activities:
        name = f"{activity.name}{EVIDENCE_SUFFIX}"
        setattr(module, name, pytest.fixture(scope="session", name=name)(_reading(activity)))
    return module


def why_not_the_rehearsals(item: pytest.Item) -> str | None:
    """Why a fixture `NAME_evidence` of the test does not give what the rehearsal has measured: a file of the user's has
    a fixture of this name in its place. None if all do."""
    names = {f"{name}{EVIDENCE_SUFFIX}" for name in item.config.stash[REHEARSAL].activities}
    request = getattr(item, "_request", None)
    if request is None:
        return None  # an item without fixtures
    for name, used in request._fixture_defs.items():  # noqa: SLF001 # pytest has no other list of fixtures that a body requests
        if name in names and used.func.__module__ != __name__:
            code = getattr(inspect.unwrap(used.func), "__code__", None)
            place = used.baseid if code is None else f"{code.co_filename}, line {code.co_firstlineno}"
            message = "is another one than the rehearsal's, so the gate judges no evidence of this run"
            return f"its fixture {name} {message}: rename the fixture in {place}"
    return None


def _reading(activity: Activity) -> Any:
    def record(request: pytest.FixtureRequest) -> Any:
        evidence = request.config.stash[REHEARSAL].evidence(activity.name)
        if evidence.record is None:
            raise Unmeasurable(f"{activity.name} was not measured: {evidence.unmeasured}")
        return evidence.record

    record.__doc__ = f"Phase {activity.phase}: {activity.about}." if activity.phase else f"{activity.about}."
    record.__annotations__["return"] = activity.record_type
    return record
