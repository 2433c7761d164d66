"""The same load by k6-operator: what is written for the cluster, and what is read back from its runners.

No cluster is at hand here. The manifests go to a stand-in that enforces the limits of a cluster and the operator's
published schema, and the runners are started on this machine as the operator starts them: with the files of their
volumes, a share of the candidates each, and nothing but their log to tell what they did.
"""

import base64
import itertools
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
from pytest_examday.load.k6.k6_results import K6Results, runner_logs
from pytest_examday.load.k6.testrun import manifests
from pytest_examday.load.load_plan import PlannedAccount
from pytest_examday.observe.metrics_watch import MetricsWatch
from pytest_examday.run.files import RunFiles
from pytest_examday.run.progress import ProgressFile
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.activities.load import evidence_of
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from pytest_examday.target.target import Target
from tests.platform.platform_harness import Platform

from .cluster import SCHEMA, Cluster, Pod, Refused
from .conftest import PROFILE, Planned, make_run_directory, plan_for, require_delivered

RUNNERS = 2
CONFIGURATION = """\
[env.staging]
api_url = "{api_url}"
candidates = {{ email = "{email}", password = "{password}", count = 40 }}
allow = ["read", "write"]

[profile.smoke.load]
candidates = 6
"""
Read = Callable[..., K6Results]


def spec_of(plan: ExamPlan, parallelism: int | None = None, image: str | None = None) -> dict[str, Any]:
    """What the TestRun asks for, after a cluster took it."""
    manifest = manifests(plan, parallelism, image).plain["testrun.json"]
    Cluster().apply(manifest)
    spec: dict[str, Any] = manifest["spec"]
    return spec


def runners_of(plan: ExamPlan, parallelism: int | None = None) -> list[Pod]:
    """The runners of a cluster to which the manifests were applied as the documents say."""
    made = manifests(plan, parallelism, None)
    cluster = Cluster()
    for manifest in made.secret.values():
        cluster.apply(manifest, server_side=True)
    for manifest in made.plain.values():
        cluster.apply(manifest)
    return cluster.runners()


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
    pods = runners_of(plan, RUNNERS)
    assert len(pods) == RUNNERS
    runners = [_start(pod, k6, tmp_path_factory.mktemp("pod"), folder) for pod in pods]
    assert [runner.wait(60) for runner in runners] == [0] * RUNNERS
    return folder


def _start(pod: Pod, k6: K6, root: Path, logs: Path) -> "subprocess.Popen[bytes]":
    """One runner as the operator starts it, in a folder instead of a container, and without the REST interface by which
    it would begin."""
    for place, content in pod.files.items():
        path = root / place.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    environment = {
        name: f"{root}{value}" if value.startswith("/examday/") else value for name, value in pod.environment.items()
    }
    *arguments, script = pod.arguments
    with (logs / f"{pod.environment['EXAMDAY_RUNNER']}.log").open("wb") as log:
        return subprocess.Popen(
            [k6.path, *arguments, "--address=", f"{root}{script}"],
            env={**os.environ, **environment},
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


def test_the_stand_in_refuses_what_a_cluster_refuses(planned: Planned) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**spec_of(planned()), "paralelism": 3}, SCHEMA["schema"])
    big = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "big"}, "data": {"a.json": "x" * 262_144}}
    with pytest.raises(Refused, match=r"annotations: Too long"):
        Cluster().apply(big)
    Cluster().apply(big, server_side=True)
    with pytest.raises(Refused, match=r"Too long: more than 1048576 bytes"):
        Cluster().apply({**big, "data": {"a.json": "x" * 1_048_577}}, server_side=True)


@pytest.mark.parametrize(("candidates", "runners"), [(6, 1), (1_000, 1), (1_001, 2), (5_000, 5)])
def test_there_is_a_runner_for_every_thousand_candidates(planned: Planned, candidates: int, runners: int) -> None:
    short = PROFILE.model_copy(update={"candidates": candidates, "answer_seconds": 0.5})
    assert spec_of(planned(short))["parallelism"] == runners


@pytest.mark.parametrize(
    ("candidates", "answer_seconds", "token_bytes"),
    [(400, 30.0, 0), (10_000, 5.0, 0), (1_000, 1.0, 4_000), (100_000, 0.5, 0)],
    ids=["400", "10,000", "with prepared tokens", "100,000"],
)
def test_a_cluster_takes_a_plan_of_any_size_and_every_runner_has_its_own_slice(
    planned: Planned, monkeypatch: pytest.MonkeyPatch, candidates: int, answer_seconds: float, token_bytes: int
) -> None:
    """k6 gives the runner with the number R of N every N-th virtual user, from the R-th on. All candidates do the same
    here, so that only one exam has to be drawn."""
    people = tuple(
        PlannedAccount(email=f"c{number}@exam.example", password="pw&<é>", access_token="t" * token_bytes or None)
        for number in range(candidates)
    )
    profile = PROFILE.model_copy(update={"candidates": candidates, "answer_seconds": answer_seconds})
    plan = planned(profile, accounts=people)
    script = next(plan.scripts())
    monkeypatch.setattr(ExamPlan, "scripts", lambda plan: itertools.repeat(script, candidates))
    pods = runners_of(plan)
    assert len(pods) == -(-candidates // 1_000)
    for number, pod in enumerate(pods):
        assert pod.environment["EXAMDAY_RUNNER"] == f"examday-load-{number + 1}"
        scripts, accounts = (_slice(pod, number, name) for name in ("plan/candidates", "accounts/accounts"))
        assert [script["email"] for script in scripts] == [one.email for one in people[number :: len(pods)]]
        assert [account["email"] for account in accounts] == [script["email"] for script in scripts]


def _slice(pod: Pod, runner: int, name: str) -> list[dict[str, Any]]:
    """What k6 reads of the files of a runner, all parts of it."""
    parts = json.loads(pod.files["/examday/plan/plan.json"])["parts"][runner]
    read = (pod.files[f"/examday/{name}-{runner}-{part}.json"] for part in range(parts))
    return [one for part in read for one in json.loads(part)]


def test_the_fingerprint_of_a_plan_is_the_same_for_any_number_of_runners(planned: Planned) -> None:
    plan = planned()
    assert len({plan.k6_files(0, runners).fingerprint for runners in (1, 2, 6)}) == 1


@pytest.mark.parametrize("runners", [1, 2, 3, 5])
def test_k6_deals_out_its_virtual_users_as_the_slices_are_cut(
    planned: Planned, k6: K6, tmp_path: Path, runners: int
) -> None:
    """Seven users, so that slices differ in size; each tells its number and its runner's."""
    script = tmp_path / "who.js"
    script.write_text(
        "import exec from 'k6/execution';\n"
        "export const options = { scenarios: { all: { executor: 'per-vu-iterations', vus: 7, iterations: 1 } } };\n"
        "export default () => console.log(`vu ${exec.vu.idInTest - 1} ${__ENV.EXAMDAY_RUNNER}`);\n"
    )
    seven = PROFILE.model_copy(update={"candidates": 7})
    for number, pod in enumerate(runners_of(planned(seven), runners)):
        *arguments, _ = pod.arguments
        ended = subprocess.run(
            [k6.path, *arguments, "--address=", script],
            env={**os.environ, **pod.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        told = [line.split(" ")[1:] for line in ended.stderr.splitlines() if line.startswith("vu ")]
        assert sorted(told) == [[str(vu), f"examday-load-{number + 1}"] for vu in range(number, 7, runners)]


def test_the_initializer_needs_no_slice_to_tell_the_number_of_virtual_users(
    planned: Planned, k6: K6, tmp_path: Path
) -> None:
    """Its Job has a name without a number; the operator refuses more runners than virtual users."""
    pod, _ = runners_of(planned(), 2)
    files = {place: content for place, content in pod.files.items() if "-0-" not in place and "-1-" not in place}
    for place, content in files.items():
        path = tmp_path / place.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    environment = {**pod.environment, "EXAMDAY_PLAN": f"{tmp_path}/examday/plan"}
    environment["EXAMDAY_RUNNER"] = "examday-load-initializer"
    variables = [option for name, value in environment.items() for option in ("-e", f"{name}={value}")]
    archive = tmp_path / "exam.tar"
    subprocess.run([k6.path, "archive", tmp_path / "test" / "exam.js", *variables, "-O", archive], check=True)
    inspected = (k6.path, "inspect", "--execution-requirements", archive)
    ended = subprocess.run(inspected, capture_output=True, check=True)
    assert json.loads(ended.stdout)["maxVUs"] == 6


def test_no_manifest_holds_a_credential(planned: Planned) -> None:
    plan = planned(api_url="https://proxy:battery-staple@exam.example/api/")
    written = json.dumps(manifests(plan, None, None).plain)
    assert plan.accounts[0].password
    assert plan.accounts[0].password not in written
    assert "battery-staple" not in written
    assert json.loads(plan.k6_files(0).plain["plan.json"])["api_url"] == "https://exam.example/api"


def test_the_command_writes_manifests_and_a_secret_that_only_its_owner_reads(
    command: list[str], platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--accounts", str(tmp_path / "accounts")]) == 0
    written = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert sorted(written) == [
        "configmap-examday-plan-0.json",
        "configmap-examday-scripts.json",
        "testrun.json",
    ]
    password = platform.state["candidates"]["password"]
    assert not any(password in text for text in written.values())
    (secret,) = (tmp_path / "accounts").iterdir()
    encoded = json.loads(secret.read_text())["data"]["accounts-0-0.json"]
    accounts = json.loads(base64.b64decode(encoded))
    assert accounts[0] == {"email": platform.state["candidates"]["email"].format(n=35), "password": password}
    assert (secret.parent.stat().st_mode & 0o777, secret.stat().st_mode & 0o777) == (0o700, 0o600)
    said = capsys.readouterr().out
    assert f"kubectl apply --server-side -f {tmp_path}/accounts" in said
    assert password not in said


def test_a_secret_of_the_contract_is_written_into_no_manifest(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROXY_KEY", "k-9f2b7c1e5d")
    with Path("examday.toml").open("a") as file:
        file.write('[env.staging.contract]\npreset = "reference"\nheaders = {X-Api-Key = "${PROXY_KEY}"}\n')
    assert main(command) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert "configmap-examday-plan-0.json would hold a secret of the configuration" in line
    assert "k-9f2b7c1e5d" not in line
    assert not (tmp_path / "out").exists()


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
        (
            ["--examday-profile", "huge"],
            "--examday-profile huge: unknown profile; choose one of: smoke, standard",
        ),
        (["--parallelism", "7"], "--parallelism 7: must be 1 to the number of candidates"),
        (["--accounts", "examday.toml"], "--accounts examday.toml exists already: name a new folder"),
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
        assert not late.can_be_watched
    (tmp_path / "runner-1.log").write_text("")
    with read(tmp_path) as early:
        assert early.can_be_watched


def test_of_a_load_that_was_over_before_anybody_looked_the_pool_is_unmeasured(
    read: Read, logs: Path, tmp_path: Path
) -> None:
    environment = Environment(name="staging", profile=Profile(load=PROFILE))
    target = Target(environment, RunFiles(tmp_path, Redactor()), os.getpid())
    with read(logs) as load:
        evidence = evidence_of(target, load, load.wait(60), MetricsWatch(target.connections), time.time(), time.time())
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
    mine, theirs = (one.k6_files(0).fingerprint for one in (other, plan))
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
