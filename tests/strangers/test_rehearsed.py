"""Platforms that share nothing with the embedded one are rehearsed by configuration alone: GO as they are, NO-GO with
defects planted in them, each in its gate. What is wrong in a configuration is told by `check`, with its key."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.strangers.known import JSON_API, PAGES, STRANGERS, State, Stranger
from tests.strangers.rehearsed import CHECK, CLEAN, GATES, configured, judged, not_passed, run
from tests.strangers.started import started

each_stranger = pytest.mark.parametrize("stranger", STRANGERS, ids=lambda one: one.name)


@pytest.fixture
def state(stranger: Stranger, tmp_path: Path) -> Iterator[State]:
    """The stranger without a defect and in exam mode, while it is up."""
    with started(stranger.name, tmp_path / "platform", "--exam-mode") as told:
        yield told


@each_stranger
def test_check_finds_nothing_wrong(stranger: Stranger, state: State, tmp_path: Path) -> None:
    configured(stranger, tmp_path)
    done = run(CHECK, stranger, state, tmp_path)
    assert done.stdout.splitlines()[-1:] == ["nothing is wrong"], done.stdout + done.stderr
    assert done.returncode == 0


@each_stranger
def test_check_names_the_key_of_each_of_ten_mistakes(stranger: Stranger, state: State, tmp_path: Path) -> None:
    file = configured(stranger, tmp_path)
    text = file.read_text()
    for right, (wrong, _) in stranger.mistakes.items():
        assert right in text
        text = text.replace(right, wrong)
    file.write_text(text)
    done = run(CHECK, stranger, state, tmp_path)
    told = {line.rpartition(" -> ")[2].strip() for line in done.stdout.splitlines() if line.startswith("WRONG")}
    keys = {key for _, key in stranger.mistakes.values()}
    assert (done.returncode, len(keys)) == (1, 10)
    assert keys - told == set(), done.stdout


@each_stranger
def test_it_is_go_as_it_is_and_left_as_it_was(stranger: Stranger, tmp_path: Path) -> None:
    configured(stranger, tmp_path)
    mode = "off" if stranger.switches else "on"
    with started(stranger.name, tmp_path / "platform", *(() if stranger.switches else ("--exam-mode",))) as state:
        done = run(GATES, stranger, state, tmp_path)
        verdict, gates = judged(tmp_path)
        assert not_passed(gates) == {}, done.stdout
        assert (verdict, done.returncode) == ("GO", 0)
        checked = run(CHECK, stranger, state, tmp_path).stdout
        assert re.search(rf"^ok +exam mode +{mode};", checked, re.MULTILINE), checked
        would = run((*CLEAN, "--dry-run"), stranger, state, tmp_path)
        cleaned = run(CLEAN, stranger, state, tmp_path)
        again = run(CLEAN, stranger, state, tmp_path)
    opened = re.findall(r"^a dry run: (\d+) exams would be removed, and nothing was$", would.stdout, re.MULTILINE)
    assert (len(opened), would.returncode) == (1, 0), would.stdout + would.stderr
    assert int(opened[0]) > 30, "the load, the drills and single calls"
    assert cleaned.stdout.splitlines()[-1] == f"{opened[0]} exams removed, 0 left in the database", cleaned.stdout
    assert again.stdout.splitlines()[-2:] == ["in the database: 0 of them", "nothing to remove"]
    assert (cleaned.returncode, again.returncode) == (0, 0)


@each_stranger
def test_each_planted_defect_is_red_in_its_gate(stranger: Stranger, tmp_path: Path) -> None:
    configured(stranger, tmp_path, **stranger.limits)
    options = [part for defect in stranger.defects for part in ("--defect", defect)]
    with started(stranger.name, tmp_path / "platform", "--exam-mode", *options) as state:
        done = run(GATES, stranger, state, tmp_path)
    verdict, gates = judged(tmp_path)
    assert (verdict, done.returncode) == ("NO-GO", 1)
    for gate, told in stranger.defects.values():
        assert gates[gate]["outcome"] == "fail", gates[gate]
        assert told in gates[gate]["reason"], gates[gate]["reason"]
    assert gates["db-pool"]["outcome"] == gates["stable-under-load"]["outcome"] == "pass"


@pytest.mark.parametrize("stranger", [JSON_API], ids=["json_api"])
def test_k6_rehearses_it_too(stranger: Stranger, state: State, tmp_path: Path) -> None:
    configured(stranger, tmp_path)
    done = run((*GATES, "--examday-engine", "k6"), stranger, state, tmp_path)
    verdict, gates = judged(tmp_path)
    assert not_passed(gates) == {}, done.stdout
    assert (verdict, done.returncode) == ("GO", 0)


@pytest.mark.parametrize("stranger", [PAGES], ids=["pages"])
def test_k6_says_what_it_cannot_do(stranger: Stranger, state: State, tmp_path: Path) -> None:
    configured(stranger, tmp_path)
    done = run((*GATES, "--examday-engine", "k6"), stranger, state, tmp_path)
    assert done.returncode == 4
    told = "--examday-engine k6 cannot do contract.before_login, contract.after_login, contract.before_login.page"
    assert told in done.stdout + done.stderr
