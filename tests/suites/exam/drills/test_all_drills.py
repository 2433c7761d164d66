"""The drills of an exam: each is one whole record, and asks the runtime before anything is touched."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam import drills
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.drills.exam_workload import gather
from pytest_examday.target.runtime_of import runtime_of
from pytest_examday.target.target import Target
from tests.builders import OPTIONAL_DRILLS
from tests.faults.fake_platform import FakePlatform

_NO_LINK = "there is no link in front of {} to be delayed; start the embedded platform with --links"
_NO_PROXY = "the embedded platform has no proxy; start it with --proxy"
IMPOSSIBLE = {
    "network_delay": "; ".join(
        [
            "backend of the embedded platform shares this machine's network, which must not be delayed",
            _NO_PROXY,
            _NO_LINK.format("redis"),
            _NO_LINK.format("postgres"),
        ]
    ),
    "slow_database": _NO_LINK.format("postgres"),
    "proxy_restart": _NO_PROXY,
    "redis_emptied": "Redis cannot be reached: ",
}
"""On a platform without links and proxy, whose Redis does not answer."""
POSSIBLE = [drill for drill in DRILLS if drill.name not in IMPOSSIBLE]
BY_NAME = {drill.name: drill for drill in DRILLS}


def _name(drill: Drill) -> str:
    return drill.name


def test_every_file_of_the_folder_that_defines_a_drill_is_in_the_catalogue() -> None:
    folder = Path(drills.__file__).parent
    defined = {path.stem for path in folder.glob("*.py") if "\nDRILL = " in path.read_text(encoding="utf-8")}
    listed = {drill.name for drill in DRILLS}
    assert defined == listed, f"correct suites/exam/drills/all_drills.py: {defined ^ listed}"


def test_no_two_drills_share_a_name_or_an_activity() -> None:
    assert len(DRILLS) == len(BY_NAME) == len({drill.activity for drill in DRILLS})


def test_drills_run_by_phase_and_those_of_every_rehearsal_first() -> None:
    phases = [drill.phase for drill in DRILLS]
    assert phases == sorted(phases)
    assert set(phases) == {3, 7}
    assert [drill.name for drill in DRILLS if drill.always] == [
        *("redis_outage", "worker_loss", "postgres_crash"),
        "backend_restart",
    ]
    for phase in (3, 7):
        always = [drill.always for drill in DRILLS if drill.phase == phase]
        assert always == sorted(always, reverse=True)


@pytest.mark.parametrize("drill", DRILLS, ids=_name)
def test_a_drill_is_a_whole_record(drill: Drill, target: Target) -> None:
    assert drill.title
    assert drill.scenario_in(target.environment)


@pytest.mark.parametrize("drill", OPTIONAL_DRILLS, ids=_name)
def test_a_chosen_drill_is_judged_for_continuity_by_its_own_evidence(drill: Drill) -> None:
    assert drill.activity == f"drill_{drill.name}"
    assert drill.continues


def test_whoever_reads_the_catalogue_loads_no_client_of_a_platform() -> None:
    """Judging evidence imports the suite with all of its drills."""
    program = (
        "import json, sys\n"
        "import pytest_examday.suites.exam.drills.all_drills\n"
        "heavy = ('psycopg', 'redis', 'docker', 'httpx', 'uvloop', 'psutil', 'jinja2')\n"
        "print(json.dumps([name for name in heavy if name in sys.modules]))\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == []


@pytest.mark.parametrize("drill", POSSIBLE, ids=_name)
def test_a_fault_that_is_possible_is_not_in_before_it_is_held(drill: Drill, fake: FakePlatform, target: Target) -> None:
    fault = drill.fault(target)
    assert fault.undo.resolve().by_hand()
    assert fake.asked == []
    assert all(fake.running.values())


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_the_platform_does_not_offer_is_told_before_anything_is_touched(
    name: str, fake: FakePlatform, target: Target
) -> None:
    with pytest.raises(Unmeasurable) as reason:
        gather(target, BY_NAME[name])
    assert str(reason.value).startswith(IMPOSSIBLE[name])
    assert fake.asked == []
    assert not (target.files.directory / ".accounts").exists(), "candidates were taken"


def test_everything_is_stopped_from_the_front_and_started_from_the_back(fake: FakePlatform, target: Target) -> None:
    fault = BY_NAME["system_restart"].fault(target)
    fault.inject()
    assert fake.asked == ["stop backend", "stop redis", "stop postgres"]
    undo = fault.undo.resolve()
    assert undo.remains(target.runtime) == "not running: postgres, redis, backend, worker-1, worker-2"
    assert undo.by_hand() == "start postgres, then redis, then backend"
    undo.carry_out(target.runtime)
    assert fake.asked[3:] == ["start postgres", "start redis", "start backend"]
    assert undo.remains(target.runtime) is None


@pytest.mark.parametrize("name", ["worker_loss", "worker_restart", "worker_pause"])
def test_one_of_several_workers_needs_another_one(name: str, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(runtime_of(target.environment, target.embedded)), "workers", lambda runtime: ("worker-1",))
    with pytest.raises(Unmeasurable, match=r"one of several workers is to be .*, and the platform has 1"):
        gather(target, BY_NAME[name])


@pytest.mark.parametrize(("hold_seconds", "longest_thought", "held"), [(5, 20, 21), (60, 20, 60)])
def test_expired_tokens_are_held_until_everybody_has_sent_something(
    hold_seconds: float, longest_thought: float, held: float, target: Target
) -> None:
    """A token that is first used after the recovery would be refused then, and counted against the recovery."""
    profile = target.environment.profile
    habits = profile.drill.habits.model_copy(update={"think_seconds": (0.5, longest_thought)})
    drill = profile.drill.model_copy(update={"hold_seconds": hold_seconds, "habits": habits})
    environment = target.environment.model_copy(update={"profile": profile.model_copy(update={"drill": drill})})
    assert BY_NAME["tokens_expired"].hold_seconds_in(environment) == held


def test_one_node_of_a_cluster_is_not_emptied() -> None:
    @contextmanager
    def cache() -> Iterator[Any]:
        yield SimpleNamespace(info=lambda section: {"cluster_enabled": 1})

    target: Any = SimpleNamespace(connections=SimpleNamespace(cache=cache))
    with pytest.raises(Unmeasurable, match="leads to one node of a Redis cluster"):
        BY_NAME["redis_emptied"].fault(target)
