"""The packaged suite: where it is, and how it is collected whatever the user's configuration says."""

from pathlib import Path

import pytest

import pytest_examday.rehearsal
from pytest_examday.session.keys import REHEARSAL
from pytest_examday.suites.exam.activities.registry import BY_NAME as ACTIVITIES

FOLDER = Path(pytest_examday.rehearsal.__file__).parent
SUITE = pytest_examday.rehearsal.__name__
_GATES = FOLDER / "test_examday_gates.py"


class SuiteModule(pytest.Module):
    """A module of the suite: the user's `python_functions` and `python_classes` do not apply to it."""

    def funcnamefilter(self, name: str) -> bool:
        """The suite's own names; those of drills where one of the phase is planned."""
        return name.startswith("test_") and (self._drills_planned or not name.startswith("test_drill_"))

    @property
    def _drills_planned(self) -> bool:
        """Whether a drill beyond the three of every rehearsal is part of the run in the module's phase. A test without
        one would be a skip, and a skip is a failure."""
        phases = {ACTIVITIES[name].phase for name in self.config.stash[REHEARSAL].drills}
        return any(f"_phase{phase}_" in self.path.name for phase in phases)

    def classnamefilter(self, name: str) -> bool:
        """The suite has no classes."""
        return False


def belongs(path: Path) -> bool:
    """Whether the file is one of the suite's."""
    return path.parent == FOLDER and path.name.startswith("test_examday_")


def files() -> tuple[Path, ...]:
    """The suite's files in phase order, the gates last. Passing files, not their folder, gets round the user's
    `python_files`."""
    phases = sorted(path for path in FOLDER.glob("test_examday_*.py") if path != _GATES)
    return (*phases, _GATES)


def add_to(config: pytest.Config) -> bool:
    """Add the suite to what is collected; returns whether the whole suite is part of the run.

    A user who names paths on the command line asked for those alone, unless the marks ask for gates: then the
    gates come along, because a verdict without them would be none. `--pyargs pytest_examday.rehearsal` asks for
    the suite alone, without the user's own tests.
    """
    suite_alone = [argument for argument in config.args if argument == SUITE or Path(argument).absolute() == FOLDER]
    if config.args_source != pytest.Config.ArgsSource.ARGS or suite_alone:
        config.args = [argument for argument in config.args if argument not in suite_alone]
        config.args += [str(path) for path in files()]
        return True
    if any(str(FOLDER) in argument for argument in config.args):
        return False  # the user named a part of the suite; adding the rest would widen it
    if selects_gates(config):
        config.args.append(str(_GATES))
        return True
    return False


def selects_gates(config: pytest.Config) -> bool:
    """Whether there is a mark expression and it selects a test that is marked as a gate and nothing else."""
    from _pytest.mark.expression import Expression  # no public way to ask what -m means

    text = config.option.markexpr
    if not text:
        return False
    try:
        return bool(Expression.compile(text).evaluate(lambda name, /, **_: name in ("gate", "gates")))
    except Exception:  # noqa: BLE001 # its type differs from pytest to pytest; pytest will refuse the expression itself
        return True
