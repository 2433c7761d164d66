"""One backend worker is restarted in the ordinary way (source document 001): it finishes its requests, and the others
serve. It is started again as soon as the probes have shown that the others serve."""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.role_faults import one_worker_down
from pytest_examday.suites.exam.drills.worker_sense import felt_by_worker
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probes.drill_probes import others_serve_and_retry
from pytest_examday.suites.exam.probes.restart_probes import after_worker_restart, before_worker_restart

DRILL = Drill(
    name="worker_restart",
    title="Worker restart",
    phase=3,
    scenario="one backend worker restarted",
    fault=felt_by_worker(one_worker_down("worker stopped", abruptly=False)),
    lines=LinesOf("worker_restart", "Worker restart").usual(continues=True, restarts=True),
    before=before_worker_restart,
    during=others_serve_and_retry,
    after=after_worker_restart,
    cuts_connections=True,
    continues=True,
    hold_seconds=0.0,
)
