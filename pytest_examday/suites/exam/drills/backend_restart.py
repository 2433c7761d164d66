"""The whole backend is stopped and started while candidates work (source document 000, phase 7, "Recovery Drill")."""

from typing import TYPE_CHECKING

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import Fault, service_down
from pytest_examday.faults.role_faults import with_silence_senses
from pytest_examday.suites.exam.gates import RECOVERY_TESTED, ZERO_DATA_LOSS
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probe_names import RULES_PROBES
from pytest_examday.suites.exam.probes.restart_probes import after_restart, before_restart

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def _all_workers_stopped(target: "Target") -> Fault:
    runtime = target.runtime
    backend = runtime.service("backend")
    fault = service_down(target, "full backend restart", backend, abruptly=False, parts=runtime.workers())
    return with_silence_senses(target, "backend", fault)


_LINES = LinesOf("backend_restart", "Full Backend Restart", 7)

DRILL = Drill(
    name="backend_restart",
    title="Backend restart",
    phase=7,
    scenario="full backend restart",
    fault=_all_workers_stopped,
    lines=(
        _LINES.fault_is_felt(RECOVERY_TESTED),
        _LINES.restarted(),
        _LINES.recovered(),
        _LINES.restored("health-is-restored", "Services Restored: the health endpoint answers", "health"),
        _LINES.restored("ready-is-restored", "Services Restored: the ready endpoint answers", "ready"),
        _LINES.restored("session-creation-is-restored", "Services Restored: sessions can be created", "create"),
        _LINES.restored("answer-submission-is-restored", "Services Restored: answers can be submitted", "answer"),
        _LINES.restored("session-submit-is-restored", "Services Restored: sessions can be submitted", "submit"),
        _LINES.few_errors_afterwards(),
        _LINES.fast_afterwards(),
        _LINES.harm_within_limits(RECOVERY_TESTED),
        _LINES.nothing_lost(ZERO_DATA_LOSS),
        _LINES.shown_as_acknowledged(RECOVERY_TESTED),
        _LINES.nothing_tried_failed(RECOVERY_TESTED, but=RULES_PROBES),
        _LINES.rules_kept(),
        _LINES.everyone_submits("sessions-continue", "session continuity: every candidate submits"),
    ),
    always=True,
    before=before_restart,
    after=after_restart,
    cuts_connections=True,
    outage=True,
)
