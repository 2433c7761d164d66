"""Command-line options and marks. Every start of pytest imports this module, so it imports nothing but pytest."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

ENGINES = ("candidates", "k6")
PROFILES = ("smoke", "standard", "full")
ENV = "--env"
"""The short spelling of `--examday-env`. Many projects have an option of this name, which is then theirs."""
_GROUP = ("examday", "exam-day rehearsal")
_HELP_OF_ENV = "rehearse on this environment: local, or one of examday.toml"
_PHASES = 9
"""The most phases that a suite may have. The marks `phase1` to `phase9` are registered without `--env`, when no suite
is loaded yet."""


def add_options(parser: pytest.Parser) -> None:
    """Add the options of the plugin; `docs/reference.md` describes them."""
    group = parser.getgroup(*_GROUP)
    group.addoption("--examday-env", metavar="NAME", help=_HELP_OF_ENV)
    group.addoption(
        "--examday-config",
        metavar="FILE",
        help="configuration (default: examday.toml, or [tool.examday] of pyproject.toml)",
    )
    group.addoption(
        "--examday-profile", metavar="PROFILE", help=f"size of the rehearsal: {', '.join(PROFILES)} (default: smoke)"
    )
    group.addoption(
        "--examday-suite",
        metavar="NAME[,NAME…]",
        help="rehearse these suites alone (default: those for which the environment has what they need)",
    )
    group.addoption("--examday-dir", metavar="DIR", help="run directory (default: rehearsals/<UTC stamp>-<env>)")
    group.addoption(
        "--examday-evidence", metavar="DIR", help="measure nothing; judge the evidence of this earlier run directory"
    )
    group.addoption(
        "--examday-confirm",
        metavar="NAME",
        help="repeat the name of a production environment: only then may it be written to or disrupted",
    )
    group.addoption("--examday-engine", metavar="ENGINE", default=ENGINES[0], help=f"load engine: {', '.join(ENGINES)}")
    group.addoption(
        "--examday-k6-results",
        metavar="DIR",
        help="with the engine k6: run none, read the logs (*.log) of the runners that have the load",
    )
    group.addoption(
        "--examday-open", action="store_true", help="open the report in a browser at the end, if there is a screen"
    )


def is_free(parser: pytest.Parser) -> bool:
    """Whether no plugin and no conftest.py that is loaded has an option `--env`."""
    tried = f"{ENV}=x"
    try:
        return tried in parser.parse_known_and_unknown_args([tried])[1]
    except pytest.UsageError:  # theirs takes no such value
        return False


def add_env(parser: pytest.Parser) -> None:
    """Add `--env`, the short spelling of `--examday-env`."""
    parser.getgroup(*_GROUP).addoption(ENV, dest="examday_env", metavar="NAME", help=f"short for --examday-{ENV[2:]}")


def values_of_env(arguments: Sequence[str]) -> frozenset[str]:
    """What stands after `--env` among the arguments, as an argument of its own."""
    return frozenset(value for option, value in pairwise(arguments) if option == ENV)


def names_env(arguments: Sequence[str]) -> bool:
    """Whether `--env` is among the arguments."""
    return any(argument == ENV or argument.startswith(f"{ENV}=") for argument in arguments)


def add_marks(config: pytest.Config) -> None:
    """Register every mark, so that pytest accepts them with `--strict-markers`."""
    marks = [
        "gate(name): a GO/NO-GO gate; its outcome counts for the verdict",
        "gates: all gates (set by the plugin)",
        "phase(number): belongs to a phase of the rehearsal",
        "disruptive: puts a fault into the platform",
    ]
    marks += [f"phase{number}: phase {number} of a rehearsal (set by the plugin)" for number in range(1, _PHASES + 1)]
    for mark in marks:
        config.addinivalue_line("markers", mark)
