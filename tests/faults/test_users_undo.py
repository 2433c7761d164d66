"""A user's own fault: its undo is a class of the user's, which the watchdog, the next run and `heal` import."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pydantic import BaseModel

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.fault_in_place import fault_in_place
from pytest_examday.faults.leftovers import take_out_leftovers
from pytest_examday.faults.undo import Undo
from pytest_examday.target.target import Target
from tests.faults.fake_platform import FakePlatform
from tests.faults.journal_lines import intended
from tests.waiting import wait_until

_PLUGIN = '''\
"""A user's fault: a file that says that the queue is frozen."""

from pathlib import Path

from pydantic import BaseModel


class Thaw(BaseModel):
    file: str

    def carry_out(self, runtime):
        from lab.thawing import thaw  # the rest of the package is found too

        thaw(Path(self.file))

    def remains(self, runtime):
        return f"frozen: {self.file}" if Path(self.file).exists() else None

    def by_hand(self):
        return f"remove {self.file}"


class Clumsy(Thaw):
    def carry_out(self, runtime):
        raise RuntimeError("not today")
'''
_THAWING = "def thaw(path):\n    path.unlink(missing_ok=True)\n"
_HOLDER = """\
import sys, time
from pathlib import Path

sys.path.insert(0, sys.argv[3])  # as the user's own tests would find it
from lab.freezing import Thaw

from pytest_examday.faults.fault import Fault
from pytest_examday.faults.fault_in_place import fault_in_place
from pytest_examday.faults.undo import Undo
from tests.faults.holder import target_of

frozen = Path(sys.argv[4])
fault = Fault("queue frozen", "queue", frozen.touch, Undo.of(Thaw(file=str(frozen))), late_seconds=0.5)
with fault_in_place(target_of(Path(sys.argv[1]), Path(sys.argv[2])), fault, 60):
    print("held", flush=True)
    time.sleep(60)
"""
_ROOT = Path(__file__).parents[2]
Freeze = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the user's plugin, which is on nobody's import path."""
    package = tmp_path / "plugins" / "lab"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "freezing.py").write_text(_PLUGIN)
    (package / "thawing.py").write_text(_THAWING)
    return package.parent


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """There while the fault is in."""
    return tmp_path / "frozen"


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is imported here is forgotten after the test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "lab"]:
        del sys.modules[name]


@pytest.fixture
def freeze(fake: FakePlatform, tmp_path: Path, folder: Path, frozen: Path) -> Iterator[Freeze]:
    """Starts a process that holds the user's fault."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        given = [str(path) for path in (fake.state, tmp_path / "run", folder, frozen)]
        command = [sys.executable, "-c", _HOLDER, *given]
        process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert frozen.exists()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _thaw(folder: Path, name: str = "Thaw", **arguments: str) -> Undo:
    return Undo(action=f"lab.freezing:{name}", arguments=dict(arguments), folder=str(folder))


def test_the_watchdog_carries_it_out_when_its_holder_is_killed(freeze: Freeze, frozen: Path) -> None:
    holder = freeze()
    holder.kill()
    wait_until(lambda: not frozen.exists())


def _freeze_for_good(freeze: Freeze) -> None:
    """Nobody is left to take the fault out, as after the end of a container."""
    holder = freeze()
    (watchdog,) = psutil.Process(holder.pid).children()
    holder.send_signal(signal.SIGSTOP)
    watchdog.kill()
    holder.kill()
    holder.wait()


def test_the_next_run_carries_it_out(
    freeze: Freeze, fake: FakePlatform, folder: Path, frozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _freeze_for_good(freeze)
    monkeypatch.chdir(folder)
    assert frozen.exists()
    (line,) = take_out_leftovers(fake.target("the-next-run"), "the next run")
    assert line.endswith(": taken out, queue is back")
    assert not frozen.exists()


def test_an_undo_that_stands_elsewhere_is_not_imported_out_of_a_journal(
    fake: FakePlatform, folder: Path, frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undo = _thaw(folder, file=str(frozen))
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(folder)])
    for name in [name for name in sys.modules if name.partition(".")[0] == "lab"]:
        monkeypatch.delitem(sys.modules, name)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with pytest.raises(Unmeasurable, match=r"from which nothing is imported: it is not below .*elsewhere"):
        undo.resolve(elsewhere)
    assert not undo.is_known
    assert str(folder) not in sys.path
    fault = intended(fake.target("the-next-run"), undo=undo, service="queue")
    assert fault.by_hand.startswith("bring queue back by hand, then run: ")


def test_a_person_heals_it_from_a_folder_above(freeze: Freeze, frozen: Path, tmp_path: Path) -> None:
    _freeze_for_good(freeze)
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "pytest_examday", "heal"]
    healed = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert not frozen.exists()


def test_the_data_hold_where_the_class_is_imported_from(folder: Path, frozen: Path) -> None:
    undo = _thaw(folder, file=str(frozen))
    action = undo.resolve()
    assert isinstance(action, BaseModel)
    assert Undo.of(action) == undo
    assert Undo.model_validate_json(undo.model_dump_json()).resolve().by_hand() == f"remove {frozen}"


class Unlike(BaseModel):
    """No undo at all."""


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("lab.melting:Thaw", "cannot be imported from .*: ModuleNotFoundError: No module named 'lab.melting'"),
        ("lab.freezing:Melt", "cannot be imported from .*: AttributeError: module 'lab.freezing' has no attribute"),
        ("lab.freezing:BaseModel", "is no action: it lacks carry_out, remains, by_hand"),
        ("lab.freezing:Path", "is no action: it lacks carry_out, remains, by_hand"),
        ("lab.freezing:Thaw", "malformed undo 'lab.freezing:Thaw'"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_one_line(folder: Path, action: str, reason: str) -> None:
    with pytest.raises(Unmeasurable, match=reason) as told:
        Undo(action=action, arguments={}, folder=str(folder)).resolve()
    assert "\n" not in str(told.value)


def test_a_class_that_no_other_process_could_find_is_refused_before_any_fault() -> None:
    class Local(BaseModel):
        pass

    with pytest.raises(Unmeasurable, match="cannot be imported by another process: define the class at the top level"):
        Undo.of(Local())
    with pytest.raises(Unmeasurable, match="is no action: it lacks carry_out, remains, by_hand"):
        Undo.of(Unlike())


def test_no_fault_goes_in_whose_undo_its_watchdog_cannot_import(target: Target, folder: Path, frozen: Path) -> None:
    undo = _thaw(folder, file=str(frozen))
    undo.resolve()  # here the package is imported already
    (folder / "lab" / "freezing.py").unlink()
    reason = (
        "the fault was not put in, because its watchdog could not undo it: "
        "undo 'lab.freezing:Thaw' cannot be imported from "
    )
    with pytest.raises(Unmeasurable, match=reason), fault_in_place(target, Fault("x", "queue", frozen.touch, undo), 20):
        pytest.fail("the fault went in")
    assert not frozen.exists()


def test_an_undo_that_crashes_is_told_and_stays_open(target: Target, folder: Path, frozen: Path) -> None:
    undo = _thaw(folder, "Clumsy", file=str(frozen))
    with fault_in_place(target, Fault("queue frozen", "queue", frozen.touch, undo), 20) as state:
        pass
    assert state.remains is not None
    assert state.remains.startswith(
        f"frozen: {frozen}; RuntimeError in the runtime or the undo; remove {frozen} by hand"
    )


def test_an_undo_of_the_plugin_itself_needs_no_folder(target: Target) -> None:
    assert intended(target).undo.folder is None
