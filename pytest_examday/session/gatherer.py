"""Runs activities on demand: each once and in phase order, whichever test or process asks first."""

import os
import time
import traceback
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from filelock import FileLock
from pydantic import ValidationError

from pytest_examday.core.activity import PREFLIGHT, Activity, with_prerequisites
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.envelope import Evidence, unmeasured
from pytest_examday.evidence.first_mistake import first_mistake
from pytest_examday.monotonic_clock import now_utc
from pytest_examday.record import Record
from pytest_examday.run.store import EvidenceStore
from pytest_examday.target.target import Target

NOT_BEGUN = "the preflight failed"
"""The reason why no activity that needs the preflight measured anything. The preflight's own reason is given once, by
its own line and above the verdict."""


class Gatherer:
    """Runs activities on demand.

    `planned` holds the activities that the selected tests need. When one is asked for, all planned activities of
    earlier phases run first. If the run `judges_again` what an earlier run has measured, no activity runs.
    """

    def __init__(
        self,
        target: Target,
        activities: Mapping[str, Activity],
        planned: frozenset[str],
        store: EvidenceStore,
        *,
        judges_again: bool,
    ) -> None:
        self._target = target
        self._activities = activities
        self._planned = planned & set(activities)
        self._store = store
        self._judges_again = judges_again
        self._lock = FileLock(target.files.directory / ".evidence.lock")

    def evidence(self, name: str) -> Evidence[Record]:
        """The evidence of an activity; runs the activity if it has not run yet."""
        activity = self._activities.get(name)
        if activity is None:
            return unmeasured(
                name, f"it is no part of this rehearsal (profile {self._target.environment.profile.name})"
            )
        if not self._judges_again:
            with self._lock:
                for due in self._due(activity):
                    self._gather_and_keep(due)
        return self._store.read(name, activity.record_type)

    def _due(self, activity: Activity) -> list[Activity]:
        due = []
        for other in with_prerequisites({activity.name} | self._planned, self._activities):
            if not self._store.has(other.name):
                due.append(other)
            if other.name == activity.name:
                break
        return due

    def _gather_and_keep(self, activity: Activity) -> None:
        """Run the activity and write its evidence. Raises Unmeasurable if it cannot be written, for instance because
        the disk is full."""
        try:
            self._gather(activity)
        except OSError as problem:  # what an activity itself raises does not come this far
            reason = f"{activity.name} was not measured: its evidence cannot be written: {problem.strerror}"
            raise Unmeasurable(reason) from None

    def _gather(self, activity: Activity) -> None:
        started = now_utc()
        clock = time.monotonic()
        evidence = self._attempt(activity, started)
        self._keep(evidence)
        took = f"{time.monotonic() - clock:.1f} s"
        self._target.files.progress.say(
            f"{activity.name}: measured in {took}"
            if evidence.record
            else f"{activity.name}: NOT MEASURED: {evidence.unmeasured}"
        )

    def _keep(self, evidence: Evidence[Record]) -> None:
        self._store.write(evidence)

    def _attempt(self, activity: Activity, started: datetime) -> Evidence[Record]:
        reason = self._why_not_started(activity) or self._died_earlier(activity)
        if reason is not None:
            return unmeasured(activity.name, reason, started)
        self._marker_of(activity).write_text(str(os.getpid()), encoding="utf-8")
        try:
            record: object = activity.gather(self._target)
            if isinstance(record, activity.record_type):
                return Evidence[Record](
                    activity=activity.name, started=started, ended=now_utc(), record=record, unmeasured=None
                )
        except Unmeasurable as why:
            return unmeasured(activity.name, self._target.files.redactor.clean(str(why)), started)
        except ValidationError as problem:
            why_not = f"{activity.name} measured what cannot be ({problem.title}): {first_mistake(problem)}"
            return unmeasured(activity.name, self._target.files.redactor.clean(why_not), started)
        except Exception as problem:  # noqa: BLE001 # an activity that crashes has measured nothing; it must not stop the others
            return unmeasured(activity.name, self._crash(activity, problem), started)
        except BaseException as end:  # Ctrl-C, a time limit, pytest.exit: keep what is known, then go
            self._keep(unmeasured(activity.name, f"interrupted ({type(end).__name__})", started))
            raise
        wrong = f"{activity.name}: gather returned an object of type {type(record).__name__}"
        return unmeasured(
            activity.name, f"{wrong}, and the activity's kind is {activity.record_type.__name__}", started
        )

    def _why_not_started(self, activity: Activity) -> str | None:
        """The reason if the environment does not permit the activity, or if it needs the preflight and that failed."""
        reason = self._target.refusal(activity.permission, activity.name)
        if reason is not None:
            return reason
        for before in with_prerequisites([activity.name], self._activities):
            is_other = before.is_preflight and before is not activity
            if is_other and self._store.read(before.name, before.record_type).record is None:
                return NOT_BEGUN if before.name == PREFLIGHT else f"its {before.name} failed"
        return None

    def _died_earlier(self, activity: Activity) -> str | None:
        """The reason if another process began the activity and died. Its partial work is no evidence, and the
        activity is not run again."""
        marker = self._marker_of(activity)
        if marker.exists():
            pid = marker.read_text(encoding="utf-8") or "unknown"
            return f"the process that measured it (pid {pid}) died"
        return None

    def _marker_of(self, activity: Activity) -> Path:
        """The file that says which process has begun the activity."""
        return self._target.files.directory / "evidence" / f".{activity.name}.begun"

    def _crash(self, activity: Activity, problem: Exception) -> str:
        log = self._target.files.logs / "examday.log"
        with log.open("a", encoding="utf-8") as lines:
            lines.write(self._target.files.redactor.clean(traceback.format_exc()))
        text = self._target.files.redactor.clean(
            str(problem).strip().splitlines()[0] if str(problem).strip() else "no message"
        )
        return f"{activity.name} crashed: {type(problem).__name__}: {text} (see logs/examday.log)"
