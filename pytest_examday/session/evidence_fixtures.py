"""Makes the fixture `NAME_evidence` for each activity; it gives the record that the activity left."""

from collections.abc import Iterable
from types import ModuleType
from typing import Any

import pytest

from pytest_examday.core.activity import Activity
from pytest_examday.errors import Unmeasurable
from pytest_examday.session.marks import EVIDENCE_SUFFIX
from pytest_examday.session.rehearsal import REHEARSAL


def evidence_fixtures(activities: Iterable[Activity]) -> ModuleType:
    """A module with the fixtures, to be registered as a plugin."""
    module = ModuleType("examday_evidence", "The evidence of the rehearsal, one fixture for each activity.")
    for activity in activities:
        name = f"{activity.name}{EVIDENCE_SUFFIX}"
        setattr(module, name, pytest.fixture(scope="session", name=name)(_reading(activity)))
    return module


def _reading(activity: Activity) -> Any:
    def record(request: pytest.FixtureRequest) -> Any:
        evidence = request.config.stash[REHEARSAL].evidence(activity.name)
        if evidence.record is None:
            raise Unmeasurable(f"{activity.name} was not measured: {evidence.unmeasured}")
        return evidence.record

    record.__doc__ = f"Phase {activity.phase}: {activity.about}." if activity.phase else f"{activity.about}."
    record.__annotations__["return"] = activity.record_type
    return record
