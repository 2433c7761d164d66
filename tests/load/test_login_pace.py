"""Log-ins of a run stay below a declared limit, whichever process sends them."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pytest_examday.__main__ import main
from pytest_examday.config.accounts import Account, CountedAccounts
from pytest_examday.config.engine import Engine
from pytest_examday.config.environment import Environment
from pytest_examday.config.profiles import PROFILES, Profile
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.load.chosen_engine import chosen_engine
from pytest_examday.load.load_plan import LoginMeans, PlannedAccount
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.check.profile_sizes import sizes
from pytest_examday.suites.exam.load.exam_loads import drill_load, exam_plans
from pytest_examday.suites.exam.load.login_time import require_time
from pytest_examday.target.api import Api
from pytest_examday.target.login_pace import LoginPace
from pytest_examday.target.target import Target
from tests.load.fake_exam import FakeExam, status
from tests.load.server import serving
from tests.suites.exam.load.sitting import sit

_HOLDER = """
import sys
from pathlib import Path
from pytest_examday.target.login_pace import LoginPace
pace = LoginPace(file=Path(sys.argv[1]), per_second=20)
for _ in range(5):
    pace.wait_for_turn()
"""


def _pace(folder: Path, per_second: float) -> LoginPace:
    return LoginPace(file=folder / ".logins", per_second=per_second)


def _target(folder: Path, per_second: float | None, profile: Profile = PROFILES["smoke"], **more: Any) -> Target:
    candidates = CountedAccounts(
        email="c{n}@exam.example", password=SecretStr("secret-of-all"), count=600, logins_per_second=per_second
    )
    values = {"name": "x", "api_url": "http://exam.example", "candidates": candidates, "allow": ("read", "write")}
    return Target(Environment(**{**values, "profile": profile, **more}), RunFiles(folder, Redactor()), 1, Engine())


def test_processes_and_threads_of_one_run_share_the_pace(tmp_path: Path) -> None:
    pace = _pace(tmp_path, 20)
    pace.wait_for_turn()
    began = time.monotonic()
    others = [subprocess.Popen([sys.executable, "-c", _HOLDER, str(pace.file)]) for _ in range(2)]
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: pace.wait_for_turn(), range(5)))
    assert [other.wait() for other in others] == [0, 0]
    assert time.monotonic() - began >= pace.seconds_for(15) - pace.seconds_for(1)


def test_the_first_log_in_is_not_held(tmp_path: Path) -> None:
    pace = _pace(tmp_path, 0.01)
    assert pace.wait_for_turn() == 0


def test_a_log_in_of_a_probe_is_held(tmp_path: Path) -> None:
    ada = Account(email="ada@exam.example", password=SecretStr("her password"))
    with serving(FakeExam()) as url:
        api = Api(url, CONTRACT, pace=_pace(tmp_path, 5))
        began = time.monotonic()
        assert [api.request_login(ada).accepted for _ in range(3)] == [True] * 3
        assert time.monotonic() - began >= 2 / 5


def test_a_probe_waits_no_minute_for_its_turn(tmp_path: Path) -> None:
    ada = Account(email="ada@exam.example", password=SecretStr("her password"))
    pace = _pace(tmp_path, 1)
    moment = repr(time.monotonic() + 100)
    pace.file.write_text(moment)
    with pytest.raises(Unmeasurable, match=r"^nobody logged in: below 1 log-ins a second, the next one is due"):
        Api("http://exam.example", CONTRACT, pace=pace).request_login(ada)
    assert pace.file.read_text() == moment, "whoever does not wait takes nobody's turn"


def test_other_operations_are_not_held(tmp_path: Path) -> None:
    pace = _pace(tmp_path, 0.001)
    pace.wait_for_turn()
    with serving(FakeExam()) as url:
        assert Api(url, CONTRACT, pace=pace).call("create", {"question_count": 2}).accepted


def test_the_time_for_which_a_candidate_is_held_back_is_no_wait_for_the_platform(tmp_path: Path) -> None:
    pace = _pace(tmp_path, 0.5)
    pace.file.write_text(repr(time.monotonic() + 60))
    sat = sit(FakeExam(), tmp_path, login_means=LoginMeans(pace=pace))
    assert sat.fate.finished
    login = next(sample for sample in sat.samples if sample.operation == "login")
    assert login.response_ms is not None
    assert login.response_ms < 100
    assert sat.fate.worst_wait_ms < 100


def test_a_login_that_is_sent_again_is_held_again(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("login", status(429), status(503))
    sat = sit(exam, tmp_path, login_means=LoginMeans(pace=_pace(tmp_path, 0.5)))
    moments = [sample.started for sample in sat.samples if sample.operation == "login"]
    assert len(moments) == 3
    assert min(later - before for before, later in pairwise(moments)) >= 2
    assert sat.fate.worst_wait_ms < 5_000, "the pauses before a repetition count, the pace does not"


def test_two_candidates_of_one_process_log_in_one_after_the_other(tmp_path: Path) -> None:
    pace = _pace(tmp_path, 0.1)
    bob = PlannedAccount(email="b@exam.example", password="pw")
    sit(FakeExam(), tmp_path, login_means=LoginMeans(pace=pace))
    second = sit(FakeExam(), tmp_path, accounts=(bob,), login_means=LoginMeans(pace=pace))
    assert second.fate.finished
    assert float(pace.file.read_text()) - time.monotonic() > 15


def test_a_load_that_fits_has_the_pace_in_the_plan_of_each_process(tmp_path: Path) -> None:
    target = _target(tmp_path, 6)
    profile = target.environment.profile.load.model_copy(update={"processes": 2})
    plans = exam_plans(target, "load", profile)
    assert [plan.login_means.pace for plan in plans] == [target.login_pace] * 2
    assert target.login_pace == _pace(tmp_path, 6)


def test_arrivals_that_exceed_the_limit_are_reported_before_the_load(
    tmp_path: Path,
) -> None:
    with pytest.raises(Unmeasurable) as told:
        require_time(_target(tmp_path, 2), drills=3)
    assert str(told.value) == (
        "env.x.candidates.logins_per_second = 2 is too little for the profile: the 40 candidates of the load arrive "
        "within 8 s, and their log-ins take 21 s -> profile.smoke.load.arrive_seconds = 21; the 10 candidates of a "
        "drill arrive within 1.5 s, and their log-ins take 6 s -> profile.smoke.drill.steady_seconds = 11; prepared "
        "tokens need no log-in"
    )


def test_log_ins_that_come_again_without_a_refresh_are_counted_too(tmp_path: Path) -> None:
    contract = CONTRACT.model_copy(update={"refresh": None})
    target = _target(tmp_path, 6, platform=PlatformDescription(contract=contract))
    known = target.environment.candidates
    assert known is not None
    lives = known.model_copy(update={"lifetime": 5})
    target = replace(target, environment=target.environment.model_copy(update={"candidates": lives}))
    with pytest.raises(Unmeasurable) as told:
        require_time(target, drills=0)
    assert str(told.value) == (
        "env.x.candidates.logins_per_second = 6 is too little for the profile: the 40 candidates of the load log in "
        "again, because the contract has no `refresh`, within 4 s, and their log-ins take 7 s -> "
        "profile.smoke.load.candidates = 22; "
        "prepared tokens need no log-in"
    )


def test_what_the_line_proposes_is_enough(tmp_path: Path) -> None:
    smoke = PROFILES["smoke"]
    load, drill = smoke.load, smoke.drill
    mended = smoke.model_copy(
        update={
            "load": load.model_copy(update={"arrive_seconds": 21}),
            "drill": drill.model_copy(update={"steady_seconds": 11}),
        }
    )
    require_time(_target(tmp_path, 2, mended), drills=3)


def test_candidates_of_a_drill_keep_the_pace(tmp_path: Path) -> None:
    target = _target(tmp_path, 10)
    (plan,) = drill_load(target, "drill", target.environment.profile.drill).plans
    assert plan.login_means.pace == target.login_pace


def test_check_tells_how_long_the_log_ins_of_each_profile_take(tmp_path: Path) -> None:
    looks = {look.what: look for look in sizes(_target(tmp_path, 5)) if look.what.startswith("log-ins")}
    assert list(looks) == ["log-ins of smoke", "log-ins of standard", "log-ins of full"]
    smoke = looks["log-ins of smoke"]
    assert (smoke.state, smoke.message) == ("wrong", "the load 8.4 s of 8 s (40), a drill 2.1 s of 1.5 s (10)")
    assert smoke.key_to_write.startswith(
        "profile.smoke.load.arrive_seconds = 9, profile.smoke.drill.steady_seconds = 5"
    )
    assert looks["log-ins of full"].state == "untried"


def test_without_a_limit_check_says_nothing_of_log_ins(tmp_path: Path) -> None:
    assert [look.what for look in sizes(_target(tmp_path, None)) if look.what.startswith("log-ins")] == []


def test_the_manifests_for_a_cluster_are_refused_for_the_same_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidates = 'candidates = { email = "c{n}@x", password = "pw", count = 60, logins_per_second = 5 }'
    (tmp_path / "examday.toml").write_text(f'[env.x]\napi_url = "http://exam.example"\n{candidates}\n')
    arguments = ["k6-testrun", "--env", "x", "--examday-config", str(tmp_path / "examday.toml")]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 4
    assert "k6 cannot do candidates.logins_per_second; use the engine candidates" in capsys.readouterr().err


def test_k6_says_that_it_cannot_keep_the_pace(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"^--examday-engine k6 cannot do candidates\.logins_per_second; use the"):
        chosen_engine("k6", None, _target(tmp_path, 5).environment)
