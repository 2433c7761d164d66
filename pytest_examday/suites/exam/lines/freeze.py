"""Phase 1: exam mode is on wherever it can be read, guards refuse, jobs skip, and exams can be sat."""

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Counts, Judge, Line, Words
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.evidence import FreezeEvidence

_GATE_EXAM_MODE_VERIFIED = "exam-mode-verified"
_HEAVY = ("BKT recompute", "rank runs", "IRT calibration")
"""The guards of the heavy analytics that seed 000 names."""
_ENDPOINTS = {
    "health": ("health-is-accessible", "`/health` accessible"),
    "ready": ("ready-is-accessible", "`/v1/ready` accessible"),
    "create": ("session-creation-works", "Session creation works"),
    "answer": ("answer-submission-works", "Answer submission works"),
    "submit": ("session-submit-works", "Session submit works"),
}
"""By probe: the key and the words of its line (seed 000, phase 1)."""


def _line(key: str, words: Words, judge: Judge, counts: Counts = "always", *, quoted: bool = False) -> Line:
    return Line(key, words, 1, ("freeze",), judge, (_GATE_EXAM_MODE_VERIFIED,), counts, quoted)


def _freeze(measured: Measured) -> FreezeEvidence:
    return measured.record("freeze", FreezeEvidence)


def _reached(measured: Measured, findings: Findings) -> None:
    """API, database and Redis were reached. The preflight leaves a record only where the API answered."""
    preflight = measured.record("preflight", PreflightEvidence)
    findings.tell(f"API: readiness answered with HTTP {preflight.ready.get('http')}")
    for name, state in (("database", preflight.database), ("Redis", preflight.cache)):
        findings.doubt_if(state.startswith("not reached"), f"{name} {state}")
        findings.tell(f"{name}: {state}")


def _exam_mode(measured: Measured, findings: Findings) -> None:
    readings = _freeze(measured).exam_mode_readings
    findings.doubt_if(not readings, "exam mode was never read")
    off = [reading for reading in readings if reading is not True]
    findings.fail_if(bool(off), f"exam mode is not on in {len(off)} of {len(readings)} readings")
    findings.tell(f"exam mode on in {len(readings) - len(off)} of {len(readings)} readings")


def _environment(measured: Measured, findings: Findings) -> None:
    values = _freeze(measured).exam_mode_environment
    findings.doubt_if(not values, "the workers' environment could not be read")
    for worker, value in values.items():
        findings.fail_if(not _is_on(value), f"{worker} runs with exam mode {value!r}")
    findings.tell(f"{sum(map(_is_on, values.values()))} of {len(values)} workers were started with exam mode")


def _is_on(value: str | None) -> bool:
    return str(value).lower() == "true"


def _cron(measured: Measured, findings: Findings) -> None:
    running = _freeze(measured).background_processes
    if running is None:
        findings.doubt_if(True, "the platform's processes could not be listed")
        return
    findings.fail_if(bool(running), f"running: {'; '.join(running)}")
    findings.tell(f"{len(running)} schedulers among the platform's processes")


def _judge_probes(kind: str, tried: str, done: str, probes: tuple[Probe, ...], findings: Findings) -> None:
    findings.doubt_if(not probes, f"no {tried} was tried")
    for probe in probes:
        findings.fail_if(not probe.passed, f"{kind} {probe.name}: {probe.detail}")
    findings.tell(f"{sum(probe.passed for probe in probes)} of {len(probes)} {tried}s {done}")


def _jobs(measured: Measured, findings: Findings) -> None:
    _judge_probes("job", "background job", "skipped", _freeze(measured).jobs, findings)


def _guards(measured: Measured, findings: Findings) -> None:
    _judge_probes("guard", "guarded operation", "refused", _freeze(measured).guards, findings)


def _heavy(measured: Measured, findings: Findings) -> None:
    heavy = tuple(probe for probe in _freeze(measured).guards if probe.name in _HEAVY)
    _judge_probes("guard", "analytics operation", "refused", heavy, findings)


def _allowed(measured: Measured, findings: Findings) -> None:
    _judge_probes("allowed", "allowed operation", "worked", _freeze(measured).allowed, findings)


def _endpoint(name: str) -> Judge:
    def judge(measured: Measured, findings: Findings) -> None:
        made = [probe for probe in _freeze(measured).endpoints if probe.name == name]
        findings.doubt_if(not made, f"{name} was not tried")
        _judge_endpoints(made, findings)

    return judge


def _other_endpoints(measured: Measured, findings: Findings) -> None:
    tried = _freeze(measured).endpoints
    findings.doubt_if(not tried, "no operation was tried")
    others = [probe for probe in tried if probe.name not in _ENDPOINTS]
    _judge_endpoints(others, findings)
    findings.tell(f"{len(others)} other operations tried")


def _judge_endpoints(probes: list[Probe], findings: Findings) -> None:
    for probe in probes:
        findings.fail_if(not probe.passed, f"{probe.name} does not work: {probe.detail}")
        findings.tell(f"{probe.name}: {probe.detail}")


LINES: tuple[Line, ...] = (
    Line("api-answers", "API, database and Redis are reached", 1, ("preflight",), _reached),
    _line("exam-mode-is-on", "EXAM_MODE Status", _exam_mode, quoted=True),
    _line(
        "every-worker-runs-with-exam-mode",
        "EXAM_MODE in the environment of every worker",
        _environment,
        "when measured",
    ),
    _line("no-cron-jobs-running", "No cron jobs running", _cron, "when measured"),
    _line("scheduled-tasks-are-skipped", "No scheduled tasks active", _jobs, quoted=True),
    _line("heavy-analytics-are-disabled", "Heavy analytics disabled", _heavy, "when measured"),
    _line("every-guarded-operation-refuses", "Protected operations return 403", _guards, quoted=True),
    _line("allowed-operations-go-on", "Dry runs stay allowed", _allowed),
    *(_line(key, words, _endpoint(name)) for name, (key, words) in _ENDPOINTS.items()),
    _line("other-operations-work", "Every other operation that was tried works", _other_endpoints),
)
