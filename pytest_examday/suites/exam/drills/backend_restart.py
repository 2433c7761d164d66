"""The recovery drill (seed 000, phase 7): the whole backend is stopped and started while candidates work."""

from typing import TYPE_CHECKING

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import Fault, service_down
from pytest_examday.faults.role_faults import felt_away
from pytest_examday.suites.exam.lines.drill_lines import GATE_RECOVERY_TESTED, LinesOf
from pytest_examday.suites.exam.lines.integrity import GATE_ZERO_DATA_LOSS
from pytest_examday.suites.exam.restart_probes import after_restart, before_restart

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def _all_workers_stopped(target: "Target") -> Fault:
    runtime = target.runtime
    backend = runtime.service("backend")
    fault = service_down(target, "full backend restart", backend, abruptly=False, parts=runtime.workers())
    return felt_away(target, "backend", fault)


_LINES = LinesOf("recovery", "backend", "Full Backend Restart", 7)

DRILL = Drill(
    name="backend_restart",
    activity="recovery",
    title="Full backend restart",
    phase=7,
    scenario="full backend restart",
    fault=_all_workers_stopped,
    lines=(
        _LINES.fault_is_felt(GATE_RECOVERY_TESTED),
        _LINES.restarted(),
        _LINES.recovered(),
        _LINES.restored("health-is-restored", "Services Restored: health endpoint", "health"),
        _LINES.restored("ready-is-restored", "Services Restored: ready endpoint", "ready"),
        _LINES.restored("session-creation-is-restored", "Services Restored: session creation", "create"),
        _LINES.restored("answer-submission-is-restored", "Services Restored: answer submission", "answer"),
        _LINES.restored("session-submit-is-restored", "Services Restored: session submit", "submit"),
        _LINES.few_errors_afterwards(),
        _LINES.fast_afterwards(),
        _LINES.harm_within_limits(GATE_RECOVERY_TESTED),
        _LINES.nothing_lost(GATE_ZERO_DATA_LOSS),
        _LINES.shown_as_acknowledged(GATE_RECOVERY_TESTED),
        _LINES.nothing_tried_failed(GATE_RECOVERY_TESTED),
        _LINES.everyone_submits("sessions-continue", "session continuity: every candidate submits"),
    ),
    always=True,
    before=before_restart,
    after=after_restart,
    cuts_connections=True,
    outage=True,
)
