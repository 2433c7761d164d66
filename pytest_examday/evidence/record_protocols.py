"""The properties by which a record of any suite shows that actors took part, or that ledgers were compared."""

from typing import Protocol, runtime_checkable

from pytest_examday.evidence.figures import ActorFate, HarmedActor
from pytest_examday.evidence.reconciliation import Reconciliation


@runtime_checkable
class HasActors(Protocol):
    """A record of an activity in which actors took part."""

    @property
    def fates(self) -> tuple[ActorFate, ...]:
        """How the work of each actor ended."""

    @property
    def harmed(self) -> tuple[HarmedActor, ...]:
        """The harm that was done to the actors."""


@runtime_checkable
class HasReconciliation(Protocol):
    """A record of an activity that compared ledgers with what is stored."""

    @property
    def reconciliation(self) -> Reconciliation | None:
        """The comparison; None if it could not be made."""
