"""What the staging suite does, in running order.

The module of an activity is imported when the activity runs, so that judging evidence does not load it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from pytest_examday.core.activity import Activity, Gather, preflight_of
from pytest_examday.errors import Unmeasurable
from pytest_examday.record import Record
from pytest_examday.suites.staging.evidence import StagingPreflight
from pytest_examday.suites.staging.migrations.evidence import MigrationsEvidence
from pytest_examday.suites.staging.service import NAME
from pytest_examday.suites.staging.webhooks.evidence import WebhooksEvidence

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

PREFLIGHT = preflight_of(NAME)


def _gather_of(module: str, section: str | None = None) -> Gather:
    """A function that runs the activity of this module; if it belongs to a section, only if the section is
    configured."""

    def gather(target: "Target") -> Record:
        if section is not None:
            _require(section, target)
        gathered: Record = import_module(f"{__name__}.{module}").gather(target)
        return gathered

    return gather


def _require(section: str, target: "Target") -> None:
    """Raise Unmeasurable, with the key to write, if the configuration does not describe this section."""
    from pytest_examday.suites.staging.service import reached

    if getattr(reached(target).settings, section) is None:
        table = f"[env.{target.environment.name}.{NAME}.{section}]"
        raise Unmeasurable(f"the table {table} is missing; docs/staging-suite.md says what it holds")


ACTIVITIES: tuple[Activity, ...] = (
    Activity(
        PREFLIGHT,
        0,
        StagingPreflight,
        _gather_of("preflight"),
        "read",
        "what of the service answered before anything was done",
        runs_after=(),
        reaches=True,
    ),
    Activity(
        "migrations",
        1,
        MigrationsEvidence,
        _gather_of("migrations", "migrations"),
        "write",
        "the chain of migrations on scratch databases: forward, back, again, with rows",
        runs_after=(),  # it needs a server of scratch databases, and no running service
    ),
    Activity(
        "webhooks",
        2,
        WebhooksEvidence,
        _gather_of("webhooks", "webhooks"),
        "write",
        "signed, forged and repeated webhooks, and their effects",
        runs_after=(PREFLIGHT,),
    ),
)
