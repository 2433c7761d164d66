"""Lines of a journal; a test changes the one thing that it is about."""

import os
import time
from typing import Any, Literal

from pytest_examday.faults.journal import FaultEvent, IntendedFault
from pytest_examday.faults.leftovers import journal_of
from pytest_examday.faults.runtime_address import runtime_address_of
from pytest_examday.faults.undo import StartService, Undo
from pytest_examday.safety.owner import Owner
from pytest_examday.target.target import Target

PAST = 3600.0


def intended(target: Target, fault: str = "one", service: str = "redis", **fields: Any) -> IntendedFault:
    """A fault of an hour ago."""
    values: dict[str, Any] = {
        "t": time.time() - PAST,
        "id": fault,
        "fault": "Redis stopped",
        "target": service,
        "undo": Undo.of(StartService(service=service)),
        "lease_until": time.time() - PAST + 60,
        "late_seconds": 1.5,
        "runtime_address": runtime_address_of(target.environment),
        "journal": str(journal_of(target).path),
        "owner": Owner.of(os.getpid(), "staging", "/etc/exam/examday.toml", str(target.files.directory)),
    }
    return IntendedFault(**{**values, **fields})


def happened(event: Literal["in", "out", "remains"], fault: str = "one", by: str = "drill") -> FaultEvent:
    """What became of it."""
    return FaultEvent(event=event, t=time.time(), id=fault, fault="Redis stopped", target="redis", by=by)
