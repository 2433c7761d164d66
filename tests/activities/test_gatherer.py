"""Evidence exactly once, in phase order, whichever test or process asks for it first."""

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.origin import Origin
from pytest_examday.record import Record
from pytest_examday.run.identity import identity_of, write_identity
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.suites.exam.activities import EXAM_MODE
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.target.target import Target
from tests import builders
from tests.activities.fakes import RECORDS, Gather, make_gatherer, make_target, noting, ran

ROOT = Path(__file__).parents[2]
SECRET = "hunter2-in-a-message"


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """A run directory, everything allowed."""
    redactor = Redactor()
    redactor.learn(SECRET)
    return make_target(tmp_path / "run", redactor=redactor)


def _but(name: str, work: Callable[[], Record]) -> Gather:
    """All activities do well, but for one."""
    return lambda target, asked: work() if asked == name else noting(target, asked)


def _raising(problem: BaseException) -> Callable[[], Record]:
    def work() -> Record:
        raise problem

    return work


def test_evidence_is_gathered_when_it_is_asked_for(target: Target) -> None:
    evidence = make_gatherer(target).evidence("load")
    assert (evidence.record, evidence.unmeasured) == (RECORDS["load"], None)
    assert evidence.started <= evidence.ended
    assert ran(target.files.directory) == ["preflight", "load"]


def test_earlier_phases_that_are_planned_run_first_whatever_is_asked_first(target: Target) -> None:
    gatherer = make_gatherer(target, "integrity_after", "freeze", "drill_worker_loss", "load")
    gatherer.evidence("integrity_after")
    assert ran(target.files.directory) == [
        "preflight",
        "freeze",
        "load",
        "drill_worker_loss",
        "drill_backend_restart",
        "integrity_after",
    ]


def test_later_phases_wait_until_they_are_asked_for(target: Target) -> None:
    gatherer = make_gatherer(target, "drill_backend_restart", "freeze", "load")
    gatherer.evidence("freeze")
    assert ran(target.files.directory) == ["preflight", "freeze"]
    gatherer.evidence("drill_backend_restart")
    assert ran(target.files.directory) == ["preflight", "freeze", "load", "drill_backend_restart"]


def test_what_nobody_planned_does_not_run(target: Target) -> None:
    make_gatherer(target, "observability").evidence("observability")
    assert ran(target.files.directory) == ["preflight", "load", "observability"]


def test_the_whole_suite_runs_in_phase_order(target: Target) -> None:
    everything = [name for name in RECORDS if name != EXAM_MODE]
    make_gatherer(target, *everything).evidence(everything[-1])
    assert ran(target.files.directory) == everything


def test_evidence_is_gathered_once(target: Target) -> None:
    first = make_gatherer(target, "load").evidence("load")
    assert make_gatherer(target, "load", "freeze").evidence("load").record == first.record
    assert ran(target.files.directory) == ["preflight", "load", "freeze"]


def _process(directory: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.activities.fakes", str(directory), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_evidence_is_gathered_once_by_two_processes_that_ask_at_the_same_time(tmp_path: Path) -> None:
    make_target(tmp_path)
    processes = [_process(tmp_path, name) for name in ("load", "observability")]
    said = [process.communicate(timeout=30)[0].strip() for process in processes]
    assert said == ["measured", "measured"]
    assert sorted(ran(tmp_path)) == ["load", "observability", "preflight"]
    assert ran(tmp_path)[0] == "preflight"


def test_what_a_process_began_and_died_of_is_unmeasured_and_not_begun_again(target: Target) -> None:
    make_gatherer(target).evidence("preflight")
    dying = _process(target.files.directory, "load", "die")
    dying.communicate(timeout=30)
    assert dying.returncode == 9
    evidence = make_gatherer(target, "load").evidence("load")
    assert evidence.record is None
    assert evidence.unmeasured == f"the process that measured it (pid {dying.pid}) died"
    assert ran(target.files.directory) == ["preflight"]


def test_a_process_that_died_before_it_could_write_its_name_is_unknown(target: Target) -> None:
    (target.files.directory / "evidence" / ".load.begun").touch()
    assert make_gatherer(target).evidence("load").unmeasured == "the process that measured it (pid unknown) died"


@pytest.mark.parametrize(
    ("allow", "name", "needed"),
    [
        ('["read"]', "load", "write"),
        ('["read", "write"]', "drill_backend_restart", "disrupt"),
        ("[]", "integrity", "read"),
    ],
)
def test_what_the_environment_does_not_allow_is_not_done(tmp_path: Path, allow: str, name: str, needed: str) -> None:
    target = make_target(tmp_path / "run", allow)
    evidence = make_gatherer(target).evidence(name)
    assert evidence.record is None
    assert evidence.unmeasured is not None
    assert evidence.unmeasured.endswith(f"{name} needs {needed!r} in env.x.allow")
    assert name not in ran(target.files.directory)


def test_a_platform_that_does_not_answer_is_told_once_and_measured_no_further(target: Target) -> None:
    silent = _but("preflight", _raising(Unmeasurable("the API does not answer")))
    evidence = make_gatherer(target, "freeze", "load", gather=silent).evidence("load")
    assert evidence.unmeasured == "the preflight failed"
    assert target.files.store.read("preflight", type(RECORDS["preflight"])).unmeasured == "the API does not answer"
    assert ran(target.files.directory) == []


def test_a_crash_is_unmeasured_with_its_traceback_in_the_log_and_no_secret(target: Target) -> None:
    crashing = _but("freeze", _raising(ZeroDivisionError(f"divided {SECRET}\nsecond line")))
    evidence = make_gatherer(target, "freeze", "load", gather=crashing).evidence("load")
    assert evidence.record == RECORDS["load"], "the others go on"
    crashed = make_gatherer(target).evidence("freeze")
    assert crashed.unmeasured == "freeze crashed: ZeroDivisionError: divided [hidden] (see logs/examday.log)"
    log = (target.files.logs / "examday.log").read_text()
    assert "Traceback" in log
    assert "ZeroDivisionError: divided [hidden]" in log
    assert SECRET not in log


def test_a_crash_without_words_is_unmeasured_too(target: Target) -> None:
    assert make_gatherer(target, gather=_but("load", _raising(RuntimeError()))).evidence("load").unmeasured == (
        "load crashed: RuntimeError: no message (see logs/examday.log)"
    )


def test_the_reason_why_nothing_was_measured_holds_no_secret(target: Target) -> None:
    assert (
        make_gatherer(target, gather=_but("load", _raising(Unmeasurable(f"refused {SECRET}"))))
        .evidence("load")
        .unmeasured
        == "refused [hidden]"
    )


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (KeyboardInterrupt(), "interrupted (KeyboardInterrupt)"),
        (SystemExit(1), "interrupted (SystemExit)"),
        (pytest.fail.Exception("Timeout"), "interrupted (Failed)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_interrupt_leaves_evidence_and_goes_on_its_way(target: Target, problem: BaseException, reason: str) -> None:
    with pytest.raises(type(problem)):
        make_gatherer(target, "load", gather=_but("load", _raising(problem))).evidence("load")
    evidence = make_gatherer(target, "load").evidence("load")
    assert (evidence.record, evidence.unmeasured) == (None, reason)
    assert ran(target.files.directory) == ["preflight"]


def test_evidence_that_the_disk_does_not_take_is_unmeasured_with_the_reason(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = _raising(OSError(errno.ENOSPC, "No space left on device"))
    monkeypatch.setattr(EvidenceStore, "write", lambda *_: full())
    with pytest.raises(Unmeasurable, match="its evidence cannot be written: No space left on device"):
        make_gatherer(target).evidence("load")


def test_an_earlier_runs_evidence_is_read_and_nothing_is_measured(target: Target, tmp_path: Path) -> None:
    earlier = make_target(tmp_path / "earlier")
    make_gatherer(earlier).evidence("load")
    replay = make_gatherer(target, "load", "drill_backend_restart", earlier=earlier.files.directory)
    assert replay.evidence("load").record == RECORDS["load"]
    assert replay.evidence("drill_backend_restart").unmeasured == "never measured in this run"
    assert ran(target.files.directory) == []
    assert not target.files.store.has("load")


def test_an_earlier_runs_damaged_evidence_is_no_evidence(target: Target, tmp_path: Path) -> None:
    earlier = make_target(tmp_path / "earlier")
    make_gatherer(earlier).evidence("load")
    earlier.files.store.path("load").write_text("{")
    evidence = make_gatherer(target, earlier=earlier.files.directory).evidence("load")
    assert evidence.record is None
    assert evidence.unmeasured is not None
    assert "damaged" in evidence.unmeasured


def test_what_was_measured_and_what_was_not_is_said_aloud(target: Target) -> None:
    make_gatherer(target, "freeze", gather=_but("load", _raising(Unmeasurable("no accounts")))).evidence("load")
    said = [json.loads(line)["text"] for line in target.files.progress.path.read_text().splitlines()]
    assert [text.partition(" in ")[0] for text in said] == [
        "preflight: measured",
        "freeze: measured",
        "load: NOT MEASURED: no accounts",
    ]


def test_evidence_is_on_disk_for_whoever_reads_the_run_directory(target: Target) -> None:
    make_gatherer(target).evidence("load")
    assert target.files.store.read("load", LoadEvidence).record == RECORDS["load"]


def test_an_activity_that_is_no_part_of_the_rehearsal_is_unmeasured(target: Target) -> None:
    evidence = make_gatherer(target).evidence("dinner")
    assert evidence.unmeasured == "it is no part of this rehearsal (profile smoke)"
    assert ran(target.files.directory) == []


def test_evidence_names_its_run_environment_and_profile(target: Target) -> None:
    write_identity(target.files.directory, "x", "smoke")
    gatherer = make_gatherer(target, gather=_but("freeze", _raising(Unmeasurable("no admin"))))
    told = identity_of(target.files.directory)
    assert (told.environment, told.profile) == ("x", "smoke")
    origin = Origin(environment="x", profile="smoke", run=told.run, version=told.version)
    assert [gatherer.evidence(name).origin for name in ("load", "freeze")] == [origin, origin]


def test_a_drill_that_tells_moments_outside_of_itself_measured_what_cannot_be(target: Target) -> None:
    gatherer = make_gatherer(
        target, gather=_but("drill_backend_restart", lambda: builders.drill("drill_backend_restart"))
    )
    told = gatherer.evidence("drill_backend_restart").unmeasured
    assert told is not None
    said = "drill_backend_restart measured what cannot be (Evidence[Record]): record.injected is not between "
    assert told.startswith(said)


@pytest.mark.parametrize("returned", [None, {"candidates": 40}, RECORDS["freeze"]], ids=["None", "dict", "another"])
def test_what_is_no_record_of_the_activitys_kind_is_not_measured(target: Target, returned: Any) -> None:
    told = make_gatherer(target, gather=_but("load", lambda: returned)).evidence("load")
    kind = type(returned).__name__
    reason = f"load: gather returned an object of type {kind}, and the activity's kind is LoadEvidence"
    assert (told.record, told.unmeasured) == (None, reason)
