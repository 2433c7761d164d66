"""Whose evidence counts as that of actors: whatever tells of them, in any suite."""

from datetime import UTC, datetime

from pytest_examday.evidence.envelope import Evidence
from pytest_examday.evidence.figures import ActorFate, HarmedActor
from pytest_examday.record import Record
from pytest_examday.session.actors import actors_of

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Deliveries(Record):
    """The evidence of a suite that has no exam."""

    fates: tuple[ActorFate, ...]
    harmed: tuple[HarmedActor, ...]


def test_actors_of_a_users_suite_are_counted_and_their_harm_is_told() -> None:
    fates = tuple(
        ActorFate(
            actor=name,
            subject=None,
            finished=True,
            finished_at=None,
            worst_wait_ms=1,
            worst_wait_operation=None,
            story="sent a parcel",
        )
        for name in ("first", "second")
    )
    harm = HarmedActor(actor="second", harm="waited-too-long", story="waited for 90 s", activity="deliveries")
    record = Deliveries(fates=fates, harmed=(harm,))
    evidence = Evidence[Record](activity="deliveries", started=_NOW, ended=_NOW, record=record, unmeasured=None)
    found = actors_of({"deliveries": evidence})
    assert (found.total, found.harmed) == (2, 1)
    assert [story.story for story in found.stories] == ["waited for 90 s"]
