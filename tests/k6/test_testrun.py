"""The same load by k6-operator: what is written for the cluster, and what is read back from its runners.

No cluster is at hand here. The manifest is held against the operator's published schema, and the runners are started
on this machine as the operator starts them: with the files of the ConfigMaps, a share of the candidates each, and
nothing but their log to tell what they did.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_examday.__main__ import main
from pytest_examday.config.engine import K6
from pytest_examday.config.environment import Environment
from pytest_examday.config.profiles import Profile
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.load.k6.k6_plan import fingerprint_of
from pytest_examday.load.k6.k6_results import K6Results, runner_logs
from pytest_examday.load.k6.testrun import manifests
from pytest_examday.observe.pool_watch import PoolWatch
from pytest_examday.run.files import RunFiles
from pytest_examday.run.progress import ProgressFile
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.activities.load import evidence_of
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from pytest_examday.target.target import Target
from tests.platform.platform_harness import Platform

from .conftest import PROFILE, Planned, make_run_directory, plan_for, require_delivered

SCHEMA = json.loads((Path(__file__).parent / "testrun_schema.json").read_text())
RUNNERS = 2
CONFIGURATION = """\
[env.staging]
api_url = "{api_url}"
candidates = {{ email = "{email}", password = "{password}", count = 40 }}
allow = ["read", "write"]

[profile.smoke.load]
candidates = 6
"""
_MEBIBYTE = 2**20
Read = Callable[..., K6Results]


def spec_of(plan: ExamPlan, parallelism: int | None = None, image: str | None = None) -> dict[str, Any]:
    """What the TestRun asks for, after it was held against the operator's schema."""
    manifest = manifests(plan, parallelism, image)["testrun.json"]
    assert (manifest["apiVersion"], manifest["kind"]) == (SCHEMA["apiVersion"], SCHEMA["kind"])
    jsonschema.validate(manifest["spec"], SCHEMA["schema"])
    spec: dict[str, Any] = manifest["spec"]
    return spec


def config_maps(plan: ExamPlan) -> dict[str, dict[str, str]]:
    """The files of every ConfigMap."""
    made = manifests(plan, None, None)
    return {
        manifest["metadata"]["name"]: manifest["data"]
        for manifest in made.values()
        if (manifest["apiVersion"], manifest["kind"]) == ("v1", "ConfigMap")
    }


@pytest.fixture
def command(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command for an environment `staging` whose address is the platform's."""
    monkeypatch.chdir(tmp_path)
    accounts = platform.state["candidates"]
    text = CONFIGURATION.format(api_url=platform.state["api_url"], **{k: accounts[k] for k in ("email", "password")})
    Path("examday.toml").write_text(text)
    return ["k6-testrun", "--env", "staging", "--out", str(tmp_path / "out")]


@pytest.fixture(scope="module")
def plan(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> ExamPlan:
    """The plan of a load elsewhere."""
    return plan_for(platform, make_run_directory(tmp_path_factory.mktemp("elsewhere")))


@pytest.fixture(scope="module")
def logs(plan: ExamPlan, k6: K6, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs that the runners left, as `kubectl logs` prints them."""
    folder = tmp_path_factory.mktemp("logs")
    places = _laid_out(plan, tmp_path_factory.mktemp("cluster"))
    runners = [_runner(number, k6, places, folder) for number in range(RUNNERS)]
    assert [runner.wait(60) for runner in runners] == [0] * RUNNERS
    return folder


def _laid_out(plan: ExamPlan, folder: Path) -> dict[str, Path]:
    """The files where the volumes of the manifest put them."""
    maps = config_maps(plan)
    places = {"scripts": folder / "test", "plan": folder / "plan"}
    for place in places.values():
        place.mkdir()
    for name, data in maps.items():
        for file, text in data.items():
            (places["scripts" if name == "examday-scripts" else "plan"] / file).write_text(text)
    accounts = [{"email": account.email, "password": account.password} for account in plan.accounts]
    (folder / "accounts.json").write_text(json.dumps(accounts))
    return {**places, "accounts": folder / "accounts.json"}


def _runner(number: int, k6: K6, places: dict[str, Path], logs: Path) -> "subprocess.Popen[bytes]":
    """One runner as the operator starts it, but for the REST interface by which it would begin."""
    segments = ",".join(f"{part}/{RUNNERS}" for part in range(RUNNERS + 1))
    segment = [f"--execution-segment={number}/{RUNNERS}:{number + 1}/{RUNNERS}"]
    segment += [f"--execution-segment-sequence={segments}", "--address="]
    arguments = ["--log-format", "raw", "--no-usage-report"]
    with (logs / f"examday-load-{number + 1}.log").open("wb") as log:
        return subprocess.Popen(
            [k6.path, "run", "--quiet", *segment, *arguments, places["scripts"] / "exam.js"],
            env={**os.environ, "EXAMDAY_PLAN": str(places["plan"]), "EXAMDAY_ACCOUNTS": str(places["accounts"])},
            stdout=log,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture
def read(plan: ExamPlan, tmp_path: Path) -> Read:
    """Reads logs as the results of a plan."""

    def results(folder: Path, of: ExamPlan = plan) -> K6Results:
        return K6Results(of, folder, ProgressFile(tmp_path / "progress.jsonl"))

    return results


def test_the_manifest_is_what_the_operator_accepts(planned: Planned) -> None:
    spec = spec_of(planned(), parallelism=3, image="grafana/k6:1.1.0")
    assert spec["parallelism"] == 3
    assert spec["separate"] is True
    assert spec["runner"]["image"] == "grafana/k6:1.1.0"


def test_the_schema_of_these_tests_refuses_what_the_operator_does_not_know(planned: Planned) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**spec_of(planned()), "paralelism": 3}, SCHEMA["schema"])


@pytest.mark.parametrize(("candidates", "runners"), [(6, 1), (1_000, 1), (1_001, 2), (5_000, 5)])
def test_there_is_a_runner_for_every_thousand_candidates(planned: Planned, candidates: int, runners: int) -> None:
    short = PROFILE.model_copy(update={"candidates": candidates, "answer_seconds": 0.5})
    assert spec_of(planned(short))["parallelism"] == runners


def test_a_long_plan_is_dealt_out_to_config_maps_that_a_cluster_takes(planned: Planned) -> None:
    big = PROFILE.model_copy(update={"candidates": 2_000, "answer_seconds": 30.0})
    plan = planned(big)
    maps = config_maps(plan)
    sources = spec_of(plan)["runner"]["volumes"][0]["projected"]["sources"]
    assert {source["configMap"]["name"] for source in sources} == set(maps) - {"examday-scripts"}
    assert len(maps) > 4
    assert max(len(json.dumps(data)) for data in maps.values()) < _MEBIBYTE
    scripts = [
        script
        for data in maps.values()
        for name, text in data.items()
        if name[:10] == "candidates"
        for script in json.loads(text)
    ]
    assert [script["email"] for script in scripts] == [account.email for account in plan.accounts]


def test_no_manifest_holds_a_credential(planned: Planned) -> None:
    plan = planned(api_url="https://proxy:battery-staple@exam.example/api/")
    written = json.dumps(manifests(plan, None, None))
    assert plan.accounts[0].password
    assert plan.accounts[0].password not in written
    assert "battery-staple" not in written
    assert json.loads(plan.k6_files(0)["plan.json"])["api_url"] == "https://exam.example/api"


def test_the_command_writes_manifests_and_a_secret_that_only_its_owner_reads(
    command: list[str], platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--accounts", str(tmp_path / "accounts.json")]) == 0
    written = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert sorted(written) == [
        "configmap-examday-plan-0.json",
        "configmap-examday-plan-1.json",
        "configmap-examday-scripts.json",
        "testrun.json",
    ]
    password = platform.state["candidates"]["password"]
    assert not any(password in text for text in written.values())
    accounts = json.loads((tmp_path / "accounts.json").read_text())
    assert accounts[0]["email"] == platform.state["candidates"]["email"].format(n=35)
    assert accounts[0]["password"] == password
    assert (tmp_path / "accounts.json").stat().st_mode & 0o777 == 0o600
    said = capsys.readouterr().out
    assert f"kubectl create secret generic examday-accounts --from-file=accounts.json={tmp_path}/accounts.json" in said
    assert password not in said


def test_the_command_names_the_rehearsal_of_the_same_plan(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--examday-profile", "smoke"]) == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert "--examday-profile smoke --examday-engine k6 --examday-k6-results LOGS" in last


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--env", "nowhere"], "--env nowhere: unknown environment; choose one of: local, staging"),
        (["--env", "local"], "--env local: the embedded platform listens on this machine alone"),
        (["--examday-profile", "huge"], "--examday-profile: unknown profile 'huge'"),
        (["--parallelism", "7"], "--parallelism 7: must be 1 to the number of candidates"),
        (["--accounts", "examday.toml"], "--accounts examday.toml exists already"),
    ],
)
def test_a_mistake_is_one_line(
    command: list[str], capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main([*command, *arguments]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"python -m pytest_examday: {said}")


def test_the_runners_logs_make_the_same_ledger_as_a_load_here(read: Read, logs: Path, plan: ExamPlan) -> None:
    with read(logs) as load:
        generator = load.wait(60)
    writes = list(load.writes())
    require_delivered(writes, plan, generator)
    assert {write.state for write in writes} == {"acknowledged"}
    assert len({write.actor for write in writes}) == len({write.subject for write in writes}) == 6
    assert generator.processes == RUNNERS
    assert (generator.cpu_share, generator.lag_p95_ms is None) == (None, False)
    assert load.begun <= min(sample.started for sample in load.samples())
    assert all(fate.finished for fate in load.fates())


def test_lines_of_a_log_collector_before_the_marker_are_left_aside(read: Read, logs: Path, tmp_path: Path) -> None:
    for log in logs.iterdir():
        stamped = "".join(f"2026-01-15T08:00:00Z [k6] {line}\n" for line in log.read_text().splitlines())
        (tmp_path / log.name).write_text(stamped)
    with read(tmp_path) as load:
        assert load.wait(60).finished_actors == 6


def test_logs_that_still_grow_are_followed(read: Read, logs: Path, tmp_path: Path) -> None:
    first, second = sorted(logs.iterdir())
    (tmp_path / first.name).write_bytes(first.read_bytes())
    half, rest = second.read_bytes()[:5_000], second.read_bytes()[5_000:]
    (tmp_path / second.name).write_bytes(half)
    with read(tmp_path) as load:
        assert load.alive
        with (tmp_path / second.name).open("ab") as log:
            log.write(rest)
        assert load.wait(60).finished_actors == 6
        assert not load.alive


def test_a_load_counts_as_watched_only_from_its_arrivals_on(read: Read, logs: Path, tmp_path: Path) -> None:
    with read(logs) as late:
        assert not late.watched
    (tmp_path / "runner-1.log").write_text("")
    with read(tmp_path) as early:
        assert early.watched


def test_of_a_load_that_was_over_before_anybody_looked_the_pool_is_unmeasured(
    read: Read, logs: Path, tmp_path: Path
) -> None:
    environment = Environment(name="staging", profile=Profile(load=PROFILE))
    target = Target(environment, RunFiles(tmp_path, Redactor()), os.getpid())
    with read(logs) as load:
        evidence = evidence_of(target, load, load.wait(60), PoolWatch(target.connections), time.time(), time.time())
    assert evidence.engine == "k6, elsewhere"
    assert evidence.pool.peak_usage is None
    assert evidence.pool.source.startswith("not watched")
    assert evidence.redis_reconnects is None
    assert evidence.simultaneous_submits > 0


def test_logs_that_grow_no_more_are_unmeasurable(read: Read, logs: Path, tmp_path: Path) -> None:
    first = min(logs.iterdir())
    (tmp_path / first.name).write_bytes(first.read_bytes())
    long_ago = time.time() - 3600
    os.utime(tmp_path / first.name, (long_ago, long_ago))
    with read(tmp_path) as load, pytest.raises(Unmeasurable) as reason:
        load.wait(60)
    assert str(reason.value).startswith(f"3 of 6 candidates finished in the runners' logs in {tmp_path}")


def test_a_log_that_lacks_lines_is_unmeasurable(read: Read, logs: Path, tmp_path: Path) -> None:
    for log in logs.iterdir():
        lines = log.read_text().splitlines(keepends=True)
        first = next(number for number, line in enumerate(lines) if "examday-sample" in line)
        (tmp_path / log.name).write_text("".join(lines[:first] + lines[first + 1 :]))
    with read(tmp_path) as load, pytest.raises(Unmeasurable, match=r"lack lines: actors made \d+ writes"):
        load.wait(60)


def test_results_of_another_plan_are_refused_by_name(read: Read, logs: Path, plan: ExamPlan) -> None:
    other = plan.model_copy(update={"questions": 7})
    mine, theirs = (fingerprint_of(one.k6_files(0)) for one in (other, plan))
    with pytest.raises(Unmeasurable) as reason, read(logs, other):
        pass
    assert str(reason.value) == (
        f"the results in {logs} are of plan {theirs}; this environment and profile make plan {mine}"
    )


def test_a_script_that_failed_on_a_runner_is_unmeasurable(read: Read, tmp_path: Path) -> None:
    (tmp_path / "one.log").write_text('examday-crashed {"candidate":1,"problem":"TypeError: no"}\n')
    with pytest.raises(Unmeasurable, match="the k6 script failed: TypeError: no"), read(tmp_path):
        pass


def test_a_folder_without_logs_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"holds no \*\.log; save the log of every runner there"):
        runner_logs(tmp_path)
    with pytest.raises(UsageProblem, match="no such folder"):
        runner_logs(tmp_path / "nowhere")
