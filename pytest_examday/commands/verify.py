"""The command `verify`: say whether a run directory holds a GO that its files confirm."""

import argparse
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from pytest_examday.core.verdict import decide
from pytest_examday.errors import UsageProblem
from pytest_examday.evidence.origin import RunIdentity
from pytest_examday.monotonic_clock import now_utc
from pytest_examday.named_files import is_folder
from pytest_examday.options import PROFILES
from pytest_examday.report.figure_words import printable_line
from pytest_examday.report.saved_verdict import SavedVerdict, saved_verdict
from pytest_examday.report.verdict_words import evidence_of
from pytest_examday.run.identity import RUN_FILE, identity_of
from pytest_examday.run.manifest import evidence_files, files_not_as_listed, why_not_as_listed
from pytest_examday.run.run_directory import VERDICT_FILE
from pytest_examday.run.terminal_text import print_line

NAME = "verify"
HELP = "say whether a run directory holds a GO that its files bear out; 0 only if it does"

_LATEST = Path("rehearsals/latest")
_AGE = re.compile(r"(\d{1,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_AHEAD = timedelta(minutes=5)
"""By how much the clock of the machine that rehearsed may be ahead of this one's."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `verify`."""
    parser.add_argument(
        "directory", nargs="?", type=Path, default=_LATEST, metavar="RUN_DIR", help=f"default: {_LATEST}"
    )
    parser.add_argument("--env", metavar="NAME", help="demand that this environment was rehearsed")
    parser.add_argument(
        "--examday-profile", metavar="PROFILE", help=f"demand that this profile was rehearsed: {', '.join(PROFILES)}"
    )
    parser.add_argument("--examday-suite", metavar="NAME[,NAME…]", help="demand that these suites were judged")
    parser.add_argument(
        "--max-age", metavar="AGE", help="demand that the rehearsal began no longer ago than this: 90m, 24h, 7d"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each thing that does not fit and return 1; if everything fits, print the verdict and return
    0.

    Raises UsageProblem for an invalid option.
    """
    oldest = None if arguments.max_age is None else now_utc() - _age(arguments.max_age)
    directory: Path = arguments.directory
    problems, verdict = _problems(directory, arguments, oldest)
    for problem in problems:
        _say(f"NOT VERIFIED: {directory}: {problem}", sys.stderr)
    if problems or verdict is None:
        return 1
    weaker = (
        f"; limits weaker than the default ones: {', '.join(verdict.weaker_limits)}" if verdict.weaker_limits else ""
    )
    where = " (the embedded platform)" if verdict.embedded else ""
    again = f"; judged again from {evidence_of(verdict.judged_again)}" if verdict.judged_again is not None else ""
    environment = f"environment {verdict.environment}{where}, profile {verdict.profile}"
    _say(f"GO: {directory}: {environment}{weaker}{again}", sys.stdout)
    return 0


def _age(text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise UsageProblem(f"--max-age {text}: write a whole number and s, m, h or d, for instance 24h")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _problems(
    directory: Path, arguments: argparse.Namespace, oldest: datetime | None
) -> tuple[tuple[str, ...], SavedVerdict | None]:
    """The contradictions, and the verdict; None if there is none."""
    try:
        verdict = saved_verdict(directory)
        own = identity_of(directory)
        source = _source(directory, verdict)
        measured = own if source == directory else identity_of(source)
    except UsageProblem as problem:
        return (str(problem),), None
    found = (
        *_not_go(verdict),
        *_not_whole(directory, source, verdict),
        *_contradictions(verdict, own, measured),
        *_not_wanted(verdict, arguments),
        *_too_old(measured, oldest),
    )
    return tuple(dict.fromkeys(found)), verdict


def _source(directory: Path, verdict: SavedVerdict) -> Path:
    """The run directory whose evidence was judged: this one, or an earlier run's, which may have been moved with it."""
    if verdict.judged_from == verdict.directory:
        return directory
    named = Path(verdict.judged_from)
    for path in (named, directory.resolve().parent / named.name):
        if is_folder(path):
            return path
    raise UsageProblem(f"it was judged from {named}, which is not there")


def _not_go(verdict: SavedVerdict) -> Iterator[str]:
    if verdict.verdict != "GO":
        yield f"{VERDICT_FILE} says {verdict.verdict}"
    elif decide(verdict.gates, verdict.obstacles) != "GO":
        yield f"{VERDICT_FILE} says GO, and its gates and obstacles say NO-GO"


def _not_whole(directory: Path, source: Path, verdict: SavedVerdict) -> Iterator[str]:
    yield from files_not_as_listed(directory, (VERDICT_FILE, RUN_FILE))
    if source != directory:
        yield from (f"{source}: {wrong}" for wrong in files_not_as_listed(source, (RUN_FILE,)))
    judged = verdict.judged_sha256
    for name in (RUN_FILE, *evidence_files(source)):
        if name not in judged:
            yield f"{name} was not judged: {VERDICT_FILE} does not name it"
    for name, sha256 in judged.items():
        if (wrong := why_not_as_listed(source, name, sha256)) is not None:
            yield f"{wrong}, by {VERDICT_FILE}"


def _contradictions(verdict: SavedVerdict, own: RunIdentity, measured: RunIdentity) -> Iterator[str]:
    """The differences between the verdict, its run and the run that measured."""
    in_verdict = {"run": verdict.run, "environment": verdict.environment, "profile": verdict.profile}
    for name, value in in_verdict.items():
        if value != getattr(own, name):
            yield f"{VERDICT_FILE} is of {name} {value}, and {RUN_FILE} of {name} {getattr(own, name)}"
    for name in ("environment", "profile"):
        if getattr(own, name) != getattr(measured, name):
            yield f"it judges {name} {getattr(own, name)}, and {name} {getattr(measured, name)} was measured"


def _not_wanted(verdict: SavedVerdict, arguments: argparse.Namespace) -> Iterator[str]:
    for name, value, option in (
        ("environment", verdict.environment, arguments.env),
        ("profile", verdict.profile, arguments.examday_profile),
    ):
        if option is not None and value != option:
            yield f"{name} {value} was rehearsed, and {option} is demanded"
    for suite in [] if arguments.examday_suite is None else map(str.strip, arguments.examday_suite.split(",")):
        if suite not in verdict.suites:
            yield f"suite {suite} is demanded and was not judged; judged: {', '.join(verdict.suites) or 'none'}"


def _too_old(measured: RunIdentity, oldest: datetime | None) -> Iterator[str]:
    began = measured.began
    if began > now_utc() + _AHEAD:
        yield f"the rehearsal is dated {began:%Y-%m-%d %H:%M UTC}, which is to come"
    if oldest is not None and began < oldest:
        yield f"the rehearsal began {began:%Y-%m-%d %H:%M UTC}, longer ago than --max-age allows"


def _say(line: str, stream: TextIO) -> None:
    print_line(printable_line(line), stream)
