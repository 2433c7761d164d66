"""A load by k6: what it leaves, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from pytest_examday.config.engine import K6
from pytest_examday.config.profiles import Habits, Shape
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import GeneratorFigures
from pytest_examday.load.k6.k6_load import K6Load
from pytest_examday.load.ledger import replay
from pytest_examday.load.request_figures import Overlaps
from pytest_examday.suites.exam.load.exam_plan import ExamPlan, K6ExamPlan
from tests.platform.platform_harness import Platform
from tests.waiting import wait_until

from .conftest import PROFILE, Loaded, Planned, load_of, make_run_directory, plan_for, require_delivered

LONG = PROFILE.model_copy(update={"answer_seconds": 60.0})
"""Longer than any test waits."""
GATE_KEY = "9f8e-key-of-the-gate"
"""A secret in a header of the contract."""
GRUMPY = PROFILE.model_copy(
    update={
        "candidates": 2,
        "answer_seconds": 0.5,
        "questions": 2,
        "habits": Habits(think_seconds=(0.1, 0.2), timeout_seconds=0.2, patience_seconds=0.2),
    }
)


def k6_of(load: K6Load) -> psutil.Process:
    """The k6 that the load's watchdog started."""
    (found,) = psutil.Process(watchdog_of(load)).children()
    return found


def watchdog_of(load: K6Load) -> int:
    """The process that looks after k6."""
    return load._children[0].process.pid


def wait_for_answers(load: K6Load) -> None:
    """Until answers are on their way."""
    wait_until(lambda: sum(write.kind == "answer" for write in load.writes()) > 5)


def stand_in(folder: Path, exit_status: int, *lines: str) -> K6:
    """A k6 that writes these lines to its console and ends so."""
    path = folder / "k6"
    told = "".join(f"print({line!r}, file=console)\n" for line in lines)
    path.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "name = next(word for word in sys.argv if word.startswith('--console-output='))\n"
        f"with open(name.partition('=')[2], 'a') as console:\n    pass\n{_indented(told)}"
        f"print('what k6 says last', file=sys.stderr)\nsys.exit({exit_status})\n"
    )
    path.chmod(0o755)
    return K6(path, (2, 0, 0))


def _indented(told: str) -> str:
    return "".join(f"    {line}\n" for line in told.splitlines())


@pytest.fixture(scope="module")
def sat(platform: Platform, k6: K6, tmp_path_factory: pytest.TempPathFactory) -> tuple[K6Load, GeneratorFigures]:
    """A load that came to its end, and what the generator says of itself."""
    directory = make_run_directory(tmp_path_factory.mktemp("sat"))
    contract = CONTRACT.model_copy(update={"headers": {"X-Gate": GATE_KEY}})
    with load_of(plan_for(platform, directory, contract=contract), k6, directory) as load:
        return load, load.wait(40)


def test_what_was_planned_was_sent_and_what_was_acknowledged_is_stored(
    sat: tuple[K6Load, GeneratorFigures], platform: Platform
) -> None:
    load, generator = sat
    writes = list(load.writes())
    require_delivered(writes, load.plans[0], generator)
    assert {write.state for write in writes} == {"acknowledged"}
    last = {(write.subject, write.key): write.value for write in writes if write.kind == "answer"}
    stored = platform.query(
        "SELECT session_id::text, question_id::text, choice FROM session_answers WHERE session_id::text = ANY(%s)",
        sorted({str(session) for session, _ in last}),
    )
    kept = {(session, question): choice for session, question, choice in stored}
    assert {key: choice for key, choice in kept.items() if choice is not None} == {
        key: value for key, value in last.items() if value is not None
    }
    assert None in last.values(), "some answers were taken back"
    assert all(fate.finished and fate.finished_at for fate in load.fates())


def test_answers_are_sent_when_they_are_due_or_half_a_thought_after_a_late_one(
    sat: tuple[K6Load, GeneratorFigures],
) -> None:
    """On a busy machine every request may be late; then a candidate thinks half as long before the next answer."""
    load, generator = sat
    plan = load._plan
    assert isinstance(plan, ExamPlan)
    answers = {
        account.email: script.planned_answers() for account, script in zip(plan.accounts, plan.scripts(), strict=True)
    }
    answered: dict[str, float] = {}
    late = []
    for write in load.writes():
        if write.kind == "answer":
            answer = next(answers[write.actor])
            due = max(load.begun + answer.at, answered[write.actor] + answer.think_seconds / 2)
            late.append(write.sent_at - due)
        assert write.answered_at is not None
        answered[write.actor] = write.answered_at
    assert min(late) > -0.01, "none is early; k6 counts in milliseconds"
    assert generator.lag_max_ms is not None
    assert min(late) <= generator.lag_max_ms / 1000 + 0.01, "some are no later than the generator woke late"


def test_the_generator_watched_itself(sat: tuple[K6Load, GeneratorFigures]) -> None:
    _, generator = sat
    assert generator.lag_p95_ms is not None
    assert generator.lag_max_ms is not None
    assert 0 < (generator.cpu_share or 0) <= 1


def test_double_clicks_overlap(sat: tuple[K6Load, GeneratorFigures]) -> None:
    load, _ = sat
    samples = list(load.samples())
    submits = Overlaps()
    for sample in samples:
        if sample.operation == "submit":
            submits.add(sample)
    assert submits.count > 0
    assert all(sample.request_id.startswith("ed-") for sample in samples)


def test_summary_and_raw_points_are_kept_and_no_secret_is(sat: tuple[K6Load, GeneratorFigures]) -> None:
    load, _ = sat
    run_directory = Path(load._plan.folder).parent
    kept = sorted(path.name for path in (run_directory / "k6").iterdir())
    assert kept == ["candidates-0-0.json", "k6.log", "points.json.gz", "summary.json"]
    assert json.loads((run_directory / "k6" / "summary.json").read_text())["metrics"]["http_reqs"]
    password = load.plans[0].accounts[0].password
    assert password
    written = [path for path in run_directory.rglob("*") if path.is_file()]
    assert len(written) > 6
    for path in written:
        content = subprocess.run(["zcat", "-f", path], capture_output=True, check=True).stdout
        assert password.encode() not in content, path
        assert b"eyJ" not in content, path
        assert GATE_KEY.encode() not in content, path
    assert (run_directory / "k6").stat().st_mode & 0o777 == 0o700


def test_credentials_are_readable_by_their_owner_alone_and_gone_once_k6_has_them(
    loaded: Loaded, planned: Planned
) -> None:
    with loaded(planned(LONG)) as load:
        folder = Path(load._plan.secrets)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert [path.name for path in folder.iterdir()] == ["config.json"]
        assert str(load.plans[0].accounts[0].password) not in " ".join(k6_of(load).cmdline())
    assert not folder.exists()


def test_leaving_the_block_ends_k6(loaded: Loaded, planned: Planned) -> None:
    with loaded(planned(LONG)) as load:
        wait_for_answers(load)
        k6 = k6_of(load)
    wait_until(lambda: not k6.is_running())
    assert {write.state for write in load.writes()} <= {"acknowledged", "unknown"}


def test_a_killed_k6_leaves_a_readable_ledger_and_is_unmeasurable(loaded: Loaded, planned: Planned) -> None:
    with loaded(planned(LONG)) as load:
        wait_for_answers(load)
        k6_of(load).send_signal(signal.SIGKILL)
        with pytest.raises(Unmeasurable, match=r"^the load stopped: k6 was killed by signal 9"):
            load.wait(60)
    assert any(write.kind == "answer" and write.state == "acknowledged" for write in load.writes())


def test_the_end_of_a_killed_watchdog_ends_k6_and_leaves_a_whole_ledger(loaded: Loaded, planned: Planned) -> None:
    with loaded(planned(LONG)) as load:
        wait_for_answers(load)
        k6 = k6_of(load)
        os.kill(watchdog_of(load), signal.SIGKILL)
        with pytest.raises(Unmeasurable, match="ended with exit status -9"):
            load.wait(60)
    wait_until(lambda: not k6.is_running() or k6.status() == psutil.STATUS_ZOMBIE)
    assert not load._plan.console.exists()
    writes = list(load.writes())
    assert {write.state for write in writes} <= {"acknowledged", "unknown"}
    assert len(writes) > 5


def test_a_write_is_on_disk_before_it_is_sent(loaded: Loaded, planned: Planned, platform: Platform) -> None:
    """However k6 dies, what the platform has stored is in the ledger."""
    with loaded(planned(LONG)) as load:
        wait_for_answers(load)
        k6_of(load).send_signal(signal.SIGKILL)
        with pytest.raises(Unmeasurable):
            load.wait(60)
    sent = {(write.subject, write.key, write.value) for write in load.writes() if write.kind == "answer"}
    stored = platform.query(
        "SELECT session_id::text, question_id::text, choice FROM session_answers WHERE session_id::text = ANY(%s)",
        sorted({str(session) for session, _, _ in sent}),
    )
    assert stored
    assert set(stored) <= sent


def test_k6_ends_when_whoever_started_the_load_is_gone(loaded: Loaded, planned: Planned) -> None:
    load = loaded(planned(LONG))
    with tempfile.TemporaryDirectory() as secrets:
        plan = load._plan.model_copy(update={"secrets": secrets})
        Path(plan.folder).mkdir()
        command = [sys.executable, "-m", K6ExamPlan.program]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watchdog:
            assert watchdog.stdin
            assert watchdog.stdout
            watchdog.stdin.write(plan.model_dump_json() + "\n")
            watchdog.stdin.flush()
            assert json.loads(watchdog.stdout.readline())["ready"]
            (k6,) = psutil.Process(watchdog.pid).children()
            wait_until(lambda: list(replay(Path(plan.ledger))))
            watchdog.stdin.close()
            assert watchdog.wait(60) == 3
        assert not k6.is_running()
        assert list(Path(secrets).iterdir()) == []
    assert list(replay(Path(plan.ledger)))


@pytest.mark.parametrize("shape", ["start", "sessions", "answers", "submit"])
def test_the_other_shapes_of_a_load_are_delivered_too(loaded: Loaded, planned: Planned, shape: Shape) -> None:
    profile = PROFILE.model_copy(update={"shape": shape, "candidates": 3, "answer_seconds": 0.5})
    with loaded(planned(profile)) as load:
        generator = load.wait(40)
    require_delivered(list(load.writes()), load.plans[0], generator)
    assert {fate.finished for fate in load.fates()} == {profile.submits}


def test_a_platform_that_is_not_there_harms_everybody(loaded: Loaded, planned: Planned) -> None:
    with loaded(planned(GRUMPY, api_url="http://127.0.0.1:9")) as load:
        load.wait(40)
    assert {sample.outcome for sample in load.samples()} == {"transport"}
    assert [fate.story.startswith("login failed for") for fate in load.fates()] == [True, True]
    assert list(load.writes()) == []


@pytest.mark.parametrize(
    ("exit_status", "reason"),
    [
        (0, "k6 sent no request"),
        (99, "k6 sent no request"),
        (104, "k6 does not accept its configuration (exit status 104): what k6 says last"),
        (107, "the script threw an exception (exit status 107): what k6 says last"),
    ],
)
def test_a_k6_that_fails_or_does_nothing_measured_nothing(
    loaded: Loaded, planned: Planned, tmp_path: Path, exit_status: int, reason: str
) -> None:
    with pytest.raises(Unmeasurable) as problem, loaded(planned(), stand_in(tmp_path, exit_status)) as load:
        load.wait(60)
    assert str(problem.value) == f"the load stopped: {reason}"


def test_a_script_that_fails_for_one_candidate_measured_nothing(
    loaded: Loaded, planned: Planned, tmp_path: Path
) -> None:
    crash = 'examday-crashed {"candidate":3,"problem":"TypeError: not a function"}'
    with pytest.raises(Unmeasurable) as problem, loaded(planned(), stand_in(tmp_path, 0, crash)) as load:
        load.wait(60)
    assert str(problem.value) == "the load stopped: the k6 script failed: TypeError: not a function"


def test_candidates_who_did_not_come_to_their_end_are_counted(loaded: Loaded, planned: Planned, tmp_path: Path) -> None:
    lines = (
        'examday-sample ["login","ada",1.0,2.0,200,"ok","ed-1",2.0]',
        'examday-done {"candidate":0,"writes":0,"requests":1,"lags_ms":[]}',
    )
    with pytest.raises(Unmeasurable) as problem, loaded(planned(), stand_in(tmp_path, 0, *lines)) as load:
        load.wait(60)
    assert str(problem.value) == "the load stopped: 1 of 6 candidates finished"


def test_candidates_of_k6_cannot_be_told_to_finish(loaded: Loaded, planned: Planned) -> None:
    with pytest.raises(ValueError, match="cannot be told when to finish"):
        loaded(planned(until="stopped"))
