"""`python -m pytest_examday COMMAND`: the commands that are not a run of pytest."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from pytest_examday.errors import UsageProblem
from pytest_examday.run.terminal_text import print_line

COMMANDS = tuple(
    f"pytest_examday.commands.{name}" for name in ("init", "check", "schema", "heal", "clean", "verify", "k6_testrun")
)
"""Modules with `NAME`, `HELP`, `add_arguments(parser)` and `run(arguments)`, which returns the exit status."""
_MISTAKE = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; each mistake of a `UsageProblem` becomes one line on standard error,
    and the status is 4."""
    parser = build_parser()
    given = parser.parse_args(arguments)
    try:
        return int(given.run(given))
    except UsageProblem as problem:
        for mistake in problem.mistakes:
            print_line(f"{parser.prog}: {mistake}", sys.stderr)
        return _MISTAKE


def build_parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    parser = argparse.ArgumentParser(prog="python -m pytest_examday", description="Exam-day rehearsals.")
    parsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in map(import_module, COMMANDS):
        _add(parsers.add_parser(module.NAME, help=module.HELP, description=module.HELP), module)
    return parser


def _add(parser: argparse.ArgumentParser, module: ModuleType) -> None:
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)


if __name__ == "__main__":
    sys.exit(main())
