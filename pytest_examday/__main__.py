"""Entry point of ``python -m pytest_examday COMMAND``."""

import argparse
import sys
from collections.abc import Sequence

from pytest_examday.commands import heal
from pytest_examday.errors import UsageProblem

COMMANDS = (heal,)
"""Each has `add_to(subparsers)`, which sets `run`, a function from the parsed arguments to the exit status."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status, or 2 for a mistake, told in one line."""
    parser = argparse.ArgumentParser(prog="python -m pytest_examday", description="Beside rehearsals with pytest.")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(subparsers)
    given = parser.parse_args(arguments)
    try:
        return int(given.run(given))
    except UsageProblem as problem:
        print(f"examday: {problem}", file=sys.stderr)  # noqa: T201
        return 2


if __name__ == "__main__":
    sys.exit(main())
