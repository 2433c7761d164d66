"""The load process: follows its plan, ends with whoever started it, and never pretends to have come to its end."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.load.ledger import replay
from pytest_examday.load.load_in_processes import Load
from pytest_examday.load.load_plan import LoadPlan, PlannedAccount, split_plan
from pytest_examday.run.progress import ProgressFile
from pytest_examday.suites.exam.load.candidate_script import Schedule
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from tests.load.fake_exam import FakeExam, status
from tests.load.server import serving
from tests.suites.exam.load.sitting import CALM, plan_for
from tests.waiting import wait_until

PASSWORD = "only-through-the-pipe"
ACCOUNTS = tuple(PlannedAccount(email=f"c{n}@exam.example", password=PASSWORD) for n in range(3))
WORKING = CALM.model_copy(update={"think_seconds": (0.05, 0.1), "patience_seconds": 1.0})

Start = Callable[..., Load]


@pytest.fixture
def exam() -> FakeExam:
    """The platform."""
    return FakeExam()


@pytest.fixture
def start(tmp_path: Path, exam: FakeExam) -> Iterator[Start]:
    """Makes a load of three candidates on the platform, not started yet."""
    (tmp_path / "logs").mkdir()
    with serving(exam) as url:

        def load(processes: int = 1, **fields: Any) -> Load:
            schedule = Schedule("exam", 0.1, 0.5, 0.8)
            values = {"api_url": url, "accounts": ACCOUNTS, "arrivals": 3, "schedule": schedule, "habits": WORKING}
            plan = plan_for(tmp_path, **{**values, **fields})
            return Load(split_plan(plan, processes), tmp_path / "logs", ProgressFile(tmp_path / "progress.jsonl"))

        yield load


def _intended(*plans: LoadPlan) -> list[tuple[str, float, list[tuple[str, float]]]]:
    return [(actor.name, actor.begins_at, list(actor.writes)) for plan in plans for actor in plan.actors()]


def _pid(load: Load) -> int:
    return load._children[0].process.pid


def test_a_load_comes_to_its_own_end_and_tells_how_the_generator_fared(start: Start) -> None:
    with start() as load:
        made = load.wait(60)
    assert (made.planned_actors, made.started_actors, made.finished_actors) == (3, 3, 3)
    due = [kind for plan in load.plans for actor in plan.actors() for kind, _ in actor.writes]
    assert made.planned_actions == len(due) > 3 * 4
    assert made.delivered_actions == len(list(load.writes())) >= 0.8 * made.planned_actions
    assert made.lag_p95_ms is not None
    assert made.cpu_share is not None
    assert {write.state for write in load.writes()} == {"acknowledged"}
    assert sorted(fate.actor for fate in load.fates()) == [account.email for account in ACCOUNTS]
    assert all(fate.finished for fate in load.fates())
    assert {sample.outcome for sample in load.samples()} == {"ok"}
    assert not load.alive


def test_finish_makes_told_candidates_submit(start: Start, exam: FakeExam) -> None:
    with start(until="stopped") as load:
        load.wait_for_work(60)
        assert exam.calls("submit") == []
        load.finish()
        made = load.wait(60)
    assert made.planned_actions == 0, "how much candidates write who are told to stop was not planned"
    assert len(exam.calls("submit")) == 3
    assert all(fate.finished for fate in load.fates())


def test_the_end_of_its_input_ends_the_process_at_once(start: Start, tmp_path: Path) -> None:
    (plan,) = start(until="stopped").plans
    command = [sys.executable, "-m", ExamPlan.program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{plan.model_dump_json()}\nbegin {time.time()}\n")
        process.stdin.flush()
        ledger = Path(plan.ledger)
        wait_until(lambda: ledger.exists() and list(replay(ledger)))
        process.stdin.close()
        assert process.wait(60) == 3
        assert "lag_p95_ms" not in process.stdout.read()
    assert list(replay(ledger))


def test_a_plan_of_more_than_64_mib_is_read(start: Start) -> None:
    (plan,) = start(accounts=(PlannedAccount(email="a@exam.example", password="x" * 2**26),), arrivals=1).plans
    command = [sys.executable, "-m", ExamPlan.program]
    ended = subprocess.run(command, input=plan.model_dump_json() + "\n", capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (3, '{"ready": true}\n'), ended.stderr[-500:]


def test_the_end_of_its_input_before_the_beginning_ends_it_too(start: Start) -> None:
    (plan,) = start().plans
    command = [sys.executable, "-m", ExamPlan.program]
    ended = subprocess.run(
        command, input=plan.model_dump_json() + "\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (3, '{"ready": true}\n')
    assert list(replay(Path(plan.ledger))) == []


def test_leaving_the_block_ends_a_load_that_would_go_on(start: Start) -> None:
    with start(until="stopped") as load:
        load.wait_for_work(60)
        assert load.alive
        pid = _pid(load)
    assert not load.alive
    assert not psutil.pid_exists(pid)


def test_a_load_ends_also_where_the_block_is_left_by_an_error(start: Start) -> None:
    load = start(until="stopped")
    with pytest.raises(KeyError), load:
        raise KeyError
    assert not load.alive


def test_a_killed_load_leaves_a_readable_ledger_and_is_unmeasurable(start: Start) -> None:
    with start(until="stopped") as load:
        load.wait_for_work(60)
        psutil.Process(_pid(load)).send_signal(signal.SIGKILL)
        with pytest.raises(Unmeasurable) as reason:
            load.wait(10)
    assert str(reason.value) == (
        "the load process ended with exit status -9 before its candidates did; see logs/load-load.log"
    )
    assert {write.state for write in load.writes()} <= {"acknowledged", "unknown"}
    assert any(write.kind == "answer" for write in load.writes())
    assert list(load.samples())


def test_finish_after_the_process_died_leaves_the_telling_to_wait(start: Start) -> None:
    with start(until="stopped") as load:
        load.wait_for_work(60)
        psutil.Process(_pid(load)).kill()
        load._children[0].process.wait(5)
        load.finish()
        with pytest.raises(Unmeasurable, match="exit status -9"):
            load.wait(1)


def test_a_load_that_takes_too_long_is_unmeasurable(start: Start) -> None:
    with start(until="stopped") as load, pytest.raises(Unmeasurable, match="the load had not ended after 0 s"):
        load.wait(0.2)


def test_a_ledger_that_cannot_be_written_stops_the_load_before_anything_is_sent(start: Start, exam: FakeExam) -> None:
    load = start(ledger="/dev/full")
    with load, pytest.raises(Unmeasurable, match="the load stopped: No space left on device"):
        load.wait(60)
    assert exam.calls("create") == []


def _limit(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """The load's process has no more than that."""
    limited = ["/bin/sh", "-c", f"{limit} && exec {sys.executable} -m {ExamPlan.program}"]
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: real(limited, **options))


def test_a_disk_that_fills_while_the_ledger_is_written_stops_the_load(
    start: Start, exam: FakeExam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 8_000
    _limit(monkeypatch, f"ulimit -f {limit // 512}")
    with (
        start(until="stopped") as load,
        pytest.raises(Unmeasurable, match=r"the load stopped: (File too large|the ledger took only a part)"),
    ):
        load.wait(60)
    sent = {(call.body["question_id"], call.body["sequence"]) for call in exam.calls("answer")}
    known = {(write.key, write.sequence) for write in load.writes() if write.kind == "answer"}
    assert sent <= known, "nothing was sent that the ledger does not know"
    assert (tmp_path / "load.ledger.jsonl").stat().st_size > limit / 2


def test_too_few_file_descriptors_are_told_before_the_exam_begins(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    _limit(monkeypatch, "ulimit -n 50")
    with pytest.raises(Unmeasurable, match="need 104 file descriptors and this machine allows 50"), start():
        pytest.fail("the load began")


def test_processes_share_the_candidates_and_begin_together(start: Start, exam: FakeExam, tmp_path: Path) -> None:
    with start(processes=2, schedule=Schedule("start", 0.2, 0.5, 0.8)) as load:
        made = load.wait(60)
    assert (made.processes, made.planned_actors, made.finished_actors) == (2, 3, 3)
    assert load.ledgers == ("load-1.ledger.jsonl", "load-2.ledger.jsonl")
    assert sorted(fate.actor for fate in load.fates()) == [account.email for account in ACCOUNTS]
    assert [len(plan.accounts) for plan in load.plans] == [2, 1]
    creates = [write.sent_at for write in load.writes() if write.kind == "create"]
    assert len(creates) == 3
    assert min(creates) >= load.begun + 0.2 - 0.01
    opened = [sample for sample in load.samples() if sample.operation == "create"]
    due = [sample.ended - (sample.response_ms or 0) / 1000 for sample in opened]
    assert due == [pytest.approx(load.begun + 0.2, abs=0.02)] * 3
    assert len({sample.request_id for sample in load.samples()}) == len(exam.seen)


def test_shares_are_what_one_process_would_have_done(start: Start) -> None:
    (whole,) = start().plans
    parts = start(processes=2).plans
    assert sorted(_intended(*parts)) == _intended(whole)


def test_the_death_of_one_process_ends_the_load(start: Start) -> None:
    with start(processes=2, until="stopped") as load:
        load.wait_for_work(60)
        load._children[1].process.kill()
        with pytest.raises(Unmeasurable, match="exit status -9"):
            load.wait(10)
    assert not any(psutil.pid_exists(member.process.pid) for member in load._children)


def test_progress_counts_all_processes(start: Start, tmp_path: Path) -> None:
    with start(processes=2, until="stopped") as load:
        load.wait_for_work(60)
        said = tmp_path / "progress.jsonl"
        wait_until(lambda: said.exists() and "load: 3 candidates working, 0 done" in said.read_text())


def test_there_is_nothing_to_disturb_where_no_answer_is_acknowledged(start: Start, exam: FakeExam) -> None:
    exam.disturb("answer", *[status(503)] * 10_000)
    with start(until="stopped") as load, pytest.raises(Unmeasurable, match="no answer was acknowledged within 1 s"):
        load.wait_for_work(0.6)


def test_waiting_for_work_ends_with_the_candidates(start: Start, exam: FakeExam) -> None:
    exam.disturb("login", *[status(401)] * 3)
    with start() as load, pytest.raises(Unmeasurable, match="nothing to disturb"):
        load.wait_for_work(60)


def test_a_damaged_ledger_is_unmeasurable(start: Start, tmp_path: Path) -> None:
    (tmp_path / "load.ledger.jsonl").write_text("damage\n")
    with pytest.raises(Unmeasurable, match=r"the ledger cannot be read: .*line 1 is damaged"):
        list(start().writes())


def test_a_load_that_has_not_begun_has_no_samples(start: Start) -> None:
    assert list(start().samples()) == []


def test_passwords_reach_the_process_through_the_pipe_alone(start: Start, exam: FakeExam, tmp_path: Path) -> None:
    with start() as load:
        process = psutil.Process(_pid(load))
        assert PASSWORD not in " ".join([*process.cmdline(), *process.environ().values()])
        load.wait(60)
    assert {call.body["password"] for call in exam.calls("login")} == {PASSWORD}
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert not any(PASSWORD in text for text in written)
