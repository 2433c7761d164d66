"""Tries the acts of phase 1 while the database is watched, and looks for effects of those that were refused or
skipped."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_examday.integrity.table_watch import RowChanges, Table, TableWatch
from pytest_examday.suites.exam.evidence import FreezeEffects, TableChange
from pytest_examday.suites.exam.exam_mode.try_acts import Act, ActResult

SETTLE_SECONDS = 0.1
"""The seconds between the reply of an operation and the look at the tables."""
CONTROL_SECONDS = 5.0
"""The seconds without a call in which a table must not change, before the suspected call is made again."""
REPEAT_SETTLE_SECONDS = 0.3

_Suspect = tuple[Act, Table]


@dataclass
class WatchedActs:
    """Acts that are done one after the other, and what the tables showed meanwhile.

    `audit_tables` are tables in which the platform notes what it refused. `changed_by_others` are tables that changed
    while nothing was called: what happens to them proves nothing.
    """

    watch: TableWatch
    audit_tables: tuple[str, ...]
    changed_by_others: set[Table]
    done: list[tuple[Act, ActResult]] = field(default_factory=list)
    _first: dict[_Suspect, RowChanges] = field(default_factory=dict)
    _suspects: dict[_Suspect, RowChanges] = field(default_factory=dict)

    def do(self, act: Act) -> ActResult:
        """Try it, and note the tables that have changed since the act before."""
        tried = act.do(_nothing)
        if tried.calls and act.kind != "job" and self.watch.unmeasured is None:
            time.sleep(SETTLE_SECONDS)
        done_it = tried.probe is not None and not tried.as_required
        before = self.done[-1] if self.done and not done_it else None
        self.done.append((act, tried))
        changed = self.watch.count()
        # The effect of an operation after its reply may show only in the next count, unless this act explains it.
        for done_act, result in filter(None, (before, (act, tried))):
            for table, change in changed.items():
                if result.as_required and self._counts(done_act, table):
                    self._suspects.setdefault((done_act, table), change)
                    if done_act is act:
                        self._first[done_act, table] = change
        return tried

    @property
    def as_required(self) -> list[Act]:
        """The acts that the platform refused, allowed or skipped, as it has to."""
        return [act for act, tried in self.done if tried.as_required]

    def conclude(self) -> FreezeEffects | None:
        """What the tables showed; None if the watch measured nothing.

        A suspected act is done once more, after a time without a call. If the table did not change in that time and
        changes again, the act changed it and not somebody else.
        """
        repeated = self._repeat() if self._suspects else {}
        if self.watch.unmeasured is not None:
            return None
        as_required = self.as_required
        changes = tuple(
            self._change(act, table, repeated.get((act, table)))
            for act, table in self._suspects
            if table not in self.changed_by_others
            and ((act, table) in repeated or self._is_alone(act, table, repeated))
        )
        return FreezeEffects(
            compared=len(as_required),
            tables=sum(table.hidden is None for table in self.watch.tables),
            moving=tuple(sorted({str(table) for table in self.changed_by_others if self._matters(as_required, table)})),
            unread=self._unread(as_required),
            changes=changes,
        )

    def _repeat(self) -> dict[_Suspect, tuple[str, ...]]:
        """The suspected changes that happened again, each with the workers that are known to have answered then."""
        time.sleep(CONTROL_SECONDS)
        self.changed_by_others |= self.watch.count().keys()
        again: dict[_Suspect, list[str]] = {}
        for act in dict.fromkeys(act for act, table in self._suspects if table not in self.changed_by_others):

            def count_tables(worker: str | None, act: Act = act) -> None:
                time.sleep(REPEAT_SETTLE_SECONDS)
                for table in self.watch.count():
                    if (act, table) in self._suspects:
                        again.setdefault((act, table), []).extend(filter(None, (worker,)))

            act.do(count_tables)
        return {suspect: tuple(dict.fromkeys(workers)) for suspect, workers in again.items()}

    def _is_alone(self, act: Act, table: Table, repeated: Iterable[_Suspect]) -> bool:
        """Whether nothing that was repeated explains the change of the table while this act was tried."""
        return (act, table) in self._first and not any(other == table for _, other in repeated)

    def _counts(self, act: Act, table: Table) -> bool:
        if table in self.changed_by_others or self._is_audited(table):
            return False
        return any(map(table.is_named, act.tables)) if act.tables else table.own

    def _change(self, act: Act, table: Table, workers: tuple[str, ...] | None) -> TableChange:
        change = self._first.get((act, table)) or self._suspects[act, table]
        return TableChange(
            kind=act.kind,
            name=act.name,
            table=str(table),
            calls=next(tried.calls for done_act, tried in self.done if done_act is act),
            written=change.written,
            gone=change.gone,
            named=bool(act.tables),
            repeated=workers is not None,
            workers=workers or (),
        )

    def _is_audited(self, table: Table) -> bool:
        return any(map(table.is_named, self.audit_tables))

    def _matters(self, acts: list[Act], table: Table) -> bool:
        """Whether an act could have had its effect there."""
        if self._is_audited(table):
            return False
        return any(any(map(table.is_named, act.tables)) if act.tables else table.own for act in acts)

    def _unread(self, as_required: list[Act]) -> dict[str, str]:
        hidden = {str(t): t.hidden for t in self.watch.tables if t.hidden is not None and self._matters(as_required, t)}
        named = {name for act in as_required for name in act.tables}
        lacking = {name for name in named if not any(table.is_named(name) for table in self.watch.tables)}
        return {**hidden, **dict.fromkeys(sorted(lacking), "the contract names it and the database has no such table")}


def _nothing(_worker: str | None) -> None:
    """Do nothing after a call."""
