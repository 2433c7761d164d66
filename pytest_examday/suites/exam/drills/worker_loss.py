"""One backend worker is killed and started again: the others serve, and clients can retry safely; then
every worker has exam mode, protected operations, rate limits and owners of exams as before.

Source document 000 calls this drill "B) Backend Worker Restart" (phase 3). Its lines have that title, so that they are
found in the report template. The drill `worker_restart` is another one: there the worker is stopped in the ordinary
way.
"""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.role_faults import one_worker_down
from pytest_examday.suites.exam.drills.worker_sense import felt_by_worker
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probe_names import OTHERS_SERVE, RETRY
from pytest_examday.suites.exam.probes.drill_probes import others_serve_and_retry
from pytest_examday.suites.exam.probes.restart_probes import after_worker_restart, before_worker_restart

_LINES = LinesOf("worker_loss", "B) Backend Worker Restart")

DRILL = Drill(
    name="worker_loss",
    title="Worker loss",
    phase=3,
    scenario="one backend worker killed and restarted",
    fault=felt_by_worker(one_worker_down("worker killed", abruptly=True)),
    lines=(
        _LINES.tried("others-serve-traffic", "the other workers serve traffic", OTHERS_SERVE),
        _LINES.tried("clients-retry-safely", "clients retry safely", RETRY),
        *_LINES.usual(continues=False, restarts=True),
    ),
    always=True,
    before=before_worker_restart,
    during=others_serve_and_retry,
    after=after_worker_restart,
    cuts_connections=True,
)
