"""Platforms that share nothing with the embedded one are rehearsed by configuration alone: GO as they are, NO-GO with
defects planted in them, each in its gate. What is wrong in a configuration is told by `check`, with its key."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.foreign_platforms.platforms import FOREIGN_PLATFORMS, JSON_API, PAGES, ForeignPlatform, State
from tests.foreign_platforms.rehearsed import CHECK, CLEAN, GATES, configured, judged, not_passed, run
from tests.foreign_platforms.started import started

each_platform = pytest.mark.parametrize("platform", FOREIGN_PLATFORMS, ids=lambda one: one.name)


@pytest.fixture
def state(platform: ForeignPlatform, tmp_path: Path) -> Iterator[State]:
    """The platform without a defect and in exam mode, while it is up."""
    with started(platform.name, tmp_path / "platform", "--exam-mode") as told:
        yield told


@each_platform
def test_check_finds_nothing_wrong(platform: ForeignPlatform, state: State, tmp_path: Path) -> None:
    configured(platform, tmp_path)
    done = run(CHECK, platform, state, tmp_path)
    assert done.stdout.splitlines()[-1:] == ["nothing is wrong"], done.stdout + done.stderr
    assert done.returncode == 0


@each_platform
def test_check_names_the_key_of_each_of_ten_mistakes(platform: ForeignPlatform, state: State, tmp_path: Path) -> None:
    file = configured(platform, tmp_path)
    text = file.read_text()
    for right, (wrong, _) in platform.mistakes.items():
        assert right in text
        text = text.replace(right, wrong)
    file.write_text(text)
    done = run(CHECK, platform, state, tmp_path)
    told = {line.rpartition(" -> ")[2].strip() for line in done.stdout.splitlines() if line.startswith("WRONG")}
    keys = {key for _, key in platform.mistakes.values()}
    assert (done.returncode, len(keys)) == (1, 10)
    assert keys - told == set(), done.stdout


@each_platform
def test_it_is_go_as_it_is_and_left_as_it_was(platform: ForeignPlatform, tmp_path: Path) -> None:
    configured(platform, tmp_path)
    mode = "off" if platform.switches else "on"
    with started(platform.name, tmp_path / "platform", *(() if platform.switches else ("--exam-mode",))) as state:
        done = run(GATES, platform, state, tmp_path)
        verdict, gates = judged(tmp_path)
        assert not_passed(gates) == {}, done.stdout
        assert (verdict, done.returncode) == ("GO", 0)
        checked = run(CHECK, platform, state, tmp_path).stdout
        assert re.search(rf"^ok +exam mode +{mode};", checked, re.MULTILINE), checked
        would = run((*CLEAN, "--dry-run"), platform, state, tmp_path)
        cleaned = run(CLEAN, platform, state, tmp_path)
        again = run(CLEAN, platform, state, tmp_path)
    opened = re.findall(r"^a dry run: (\d+) exams would be removed, and nothing was$", would.stdout, re.MULTILINE)
    assert (len(opened), would.returncode) == (1, 0), would.stdout + would.stderr
    assert int(opened[0]) > 30, "the load, the drills and single calls"
    assert cleaned.stdout.splitlines()[-1] == f"{opened[0]} exams removed, 0 left in the database", cleaned.stdout
    assert again.stdout.splitlines()[-2:] == ["in the database: 0 of them", "nothing to remove"]
    assert (cleaned.returncode, again.returncode) == (0, 0)


@each_platform
def test_each_planted_defect_is_red_in_its_gate(platform: ForeignPlatform, tmp_path: Path) -> None:
    configured(platform, tmp_path, **platform.limits)
    options = [part for defect in platform.defects for part in ("--defect", defect)]
    with started(platform.name, tmp_path / "platform", "--exam-mode", *options) as state:
        done = run(GATES, platform, state, tmp_path)
    verdict, gates = judged(tmp_path)
    assert (verdict, done.returncode) == ("NO-GO", 1)
    for gate, told in platform.defects.values():
        assert gates[gate]["outcome"] == "fail", gates[gate]
        assert told in gates[gate]["reason"], gates[gate]["reason"]
    assert gates["db-pool"]["outcome"] == gates["stable-under-load"]["outcome"] == "pass"


@pytest.mark.parametrize("platform", [JSON_API], ids=["json_api"])
def test_k6_rehearses_it_too(platform: ForeignPlatform, state: State, tmp_path: Path) -> None:
    configured(platform, tmp_path)
    done = run((*GATES, "--examday-engine", "k6"), platform, state, tmp_path)
    verdict, gates = judged(tmp_path)
    assert not_passed(gates) == {}, done.stdout
    assert (verdict, done.returncode) == ("GO", 0)


@pytest.mark.parametrize("platform", [PAGES], ids=["pages"])
def test_k6_says_what_it_cannot_do(platform: ForeignPlatform, state: State, tmp_path: Path) -> None:
    configured(platform, tmp_path)
    done = run((*GATES, "--examday-engine", "k6"), platform, state, tmp_path)
    assert done.returncode == 4
    told = "--examday-engine k6 cannot do contract.before_login, contract.after_login, contract.before_login.page"
    assert told in done.stdout + done.stderr
