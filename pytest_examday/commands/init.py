"""The command `init`: write a draft of `examday.toml`, a CI job and a gate as an example."""

import argparse
import json
import re
from pathlib import Path

from pytest_examday.config.text_file import UnreadableFile, read_text
from pytest_examday.errors import UsageProblem
from pytest_examday.report.figure_words import listed
from pytest_examday.run.terminal_text import print_line
from pytest_examday.suites.exam.init.draft import CI_JOB, GUESS, OWN_GATE, TODO, draft
from pytest_examday.suites.exam.init.openapi import DescribedOperation, described, recognised

NAME = "init"
HELP = "write a draft of examday.toml, a CI job and a gate of your own; nothing that exists is overwritten"

_NAMED = 20
"""The most routes that are named as not used."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `init`."""
    parser.add_argument("--env", default="staging", metavar="NAME", help="name of the environment (default: staging)")
    parser.add_argument("--from", dest="document", type=Path, metavar="FILE", help="an OpenAPI document (JSON)")
    parser.add_argument("--into", type=Path, default=Path(), metavar="DIR", help="folder (default: this one)")


def run(arguments: argparse.Namespace) -> int:
    """Write the files, say what is left to do, and return 0.

    Raises UsageProblem for a name that no table can have, a document that cannot be read, a file that exists, or a
    folder that cannot be written.
    """
    name = arguments.env
    if not _NAME.fullmatch(name):
        raise UsageProblem(f"--env {name}: letters, digits, - and _ only, and a letter first")
    operations = () if arguments.document is None else _read(arguments.document)
    found = recognised(operations)
    files = {
        "examday.toml": draft(name, found),
        "examday-ci.yml": CI_JOB.format(name=name),
        "test_own_gate.py": OWN_GATE,
    }
    _write(arguments.into, files)
    marks = sum(files["examday.toml"].count(mark) for mark in (GUESS, TODO))
    print_line(f"written: {', '.join(files)}")
    if arguments.document is not None:
        print_line(f"recognised: {', '.join(found) or 'nothing'}")
        unused = [f"{one.method} {one.path}" for one in operations if one not in found.values()]
        print_line(f"not used: {listed(unused, _NAMED) or 'nothing'}")
    print_line("test_own_gate.py is an example of a gate; replace it with one of your own, or remove it")
    print_line(
        f"look at {marks} marks ({GUESS}, {TODO}) in examday.toml, then: python -m pytest_examday check --env {name}"
    )
    return 0


def _write(into: Path, files: dict[str, str]) -> None:
    try:
        there = [file for file in files if (into / file).exists()]
        if there:
            raise UsageProblem(f"{', '.join(there)}: exists already in {into.resolve()}; nothing was written")
        for file, text in files.items():
            (into / file).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the name
        raise UsageProblem(f"--into {into}: cannot be written: {getattr(problem, 'strerror', problem)}") from None


def _read(path: Path) -> tuple[DescribedOperation, ...]:
    try:
        document = json.loads(read_text(path))
    except UnreadableFile as reason:
        raise UsageProblem(f"--from {path}: {reason}") from None
    except (ValueError, RecursionError):
        raise UsageProblem(f"--from {path}: not valid JSON; YAML has to be converted first") from None
    return described(document, f"--from {path}")
