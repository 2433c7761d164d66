"""The command `clean`: remove the exams that one rehearsal has opened, and print what was removed."""

import argparse
import os
import tempfile
from pathlib import Path

from pytest_examday.config.changes import CleanUp
from pytest_examday.config.configuration_file import locate
from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.evidence.origin import RunIdentity
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.run.files import RunFiles
from pytest_examday.run.identity import RUN_FILE, identity_of
from pytest_examday.run.manifest import MANIFEST_FILE, files_not_as_listed
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.run.terminal_text import print_line
from pytest_examday.safety.lock import Lock
from pytest_examday.safety.owner import Owner
from pytest_examday.safety.permission import OPTION, is_confirmed
from pytest_examday.safety.state_directory import state_directory_of
from pytest_examday.session.suites import BUILT_IN_TABLES
from pytest_examday.suites.exam.clean_up import opened_exams, remove, stored_exams
from pytest_examday.suites.exam.stored_exams.reconcile_ledgers import reads_database
from pytest_examday.target.target import Target

NAME = "clean"
HELP = "remove the exams that one rehearsal has opened, as clean_up of its environment says; 0 only if none is left"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `clean`."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="the run directory of the rehearsal")
    parser.add_argument("--env", required=True, metavar="NAME", help="the environment of the rehearsal")
    parser.add_argument("--examday-config", metavar="FILE", help="its configuration (default: examday.toml)")
    parser.add_argument(OPTION, metavar="NAME", help="repeat the name of a production environment")
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")


def run(given: argparse.Namespace) -> int:
    """Print a line for each step; returns 0 only if no exam of the rehearsal is left, otherwise 1. After a dry run it
    returns 0 unless what would be removed could not be told.

    Raises UsageProblem if the directory is none of a rehearsal of this environment and platform, if the environment has
    no `clean_up`, and if a rehearsal is under way.
    """
    environment = load_environment(given.env, None, given.examday_config, (Path.cwd(),), tables=BUILT_IN_TABLES)
    confirmed = is_confirmed(environment, given.examday_confirm)
    how = environment.clean_up
    if how is None:
        raise UsageProblem(f"clean: env.{environment.name}.clean_up is not configured, so nothing can be removed")
    if environment.embedded:
        raise UsageProblem(
            f"clean: env.{environment.name}: nothing to remove, its embedded platform ends with each run"
        )
    identity = _identity(given.directory, environment)
    config, _ = locate(given.examday_config, (Path.cwd(),))
    lock = Lock.take(state_directory_of(environment), Owner.of(os.getpid(), environment.name))
    try:
        with tempfile.TemporaryDirectory(prefix="examday-clean-") as folder:
            files = RunFiles(Path(folder), Redactor())
            target = Target(environment, files, os.getpid(), confirmed=confirmed, config=config)
            _require_same_platform(given.directory, target)
            return _clean(target, how, given.directory, identity, dry=given.dry_run)
    finally:
        lock.release()


def _identity(directory: Path, environment: Environment) -> RunIdentity:
    identity = identity_of(directory)
    if identity.environment != environment.name:
        raise UsageProblem(f"clean {directory}: its run rehearsed environment {identity.environment}")
    if not (directory / MANIFEST_FILE).exists():
        print_line(f"run {identity.run} did not come to its end, so nobody knows whether its files were changed since")
        return identity
    wrong = files_not_as_listed(directory, (RUN_FILE,))
    if wrong:
        raise UsageProblem(f"clean {directory}: not as its run left it: {'; '.join(wrong[:3])}")
    return identity


def _require_same_platform(directory: Path, target: Target) -> None:
    """Raise UsageProblem unless the run reached the platform at the present address."""
    preflight = EvidenceStore(directory, target.files.redactor).read("preflight", PreflightEvidence).record
    if preflight is None:
        raise UsageProblem(f"clean {directory}: the run does not say which platform it has reached")
    try:
        url = target.connections.api_url
    except Unmeasurable as reason:
        raise UsageProblem(f"clean: {reason}") from None
    if preflight.api_url.rstrip("/") != url:
        name = target.environment.name
        raise UsageProblem(f"clean {directory}: its run reached {preflight.api_url}, and env.{name} is {url}")


def _clean(target: Target, how: CleanUp, directory: Path, identity: RunIdentity, *, dry: bool) -> int:
    try:
        exams = opened_exams(directory)
        print_line(f"run {identity.run}: {len(exams)} exams opened")
        if reads_database(target):
            stored = stored_exams(target, exams, identity.began)
            print_line(f"in the database: {len(stored.there)} of them")
            if stored.older:
                print_line(f"left alone, because they are older than the run: {len(stored.older)}")
            exams = tuple(exam for exam in exams if exam in stored.there - stored.older)
        if not exams:
            print_line("nothing to remove")
            return 0
        for line in remove(target, how, exams, keep=dry):
            print_line(line)
        if dry:
            print_line(f"a dry run: {len(exams)} exams would be removed, and nothing was")
            return 0
        return _left(target, exams, identity)
    except Unmeasurable as reason:
        print_line(target.files.redactor.clean(str(reason)))
        return 1


def _left(target: Target, exams: tuple[str, ...], identity: RunIdentity) -> int:
    """Say what is left; returns the exit status."""
    if not reads_database(target):
        print_line("without database_url nobody has looked whether they are gone")
        return 0
    left = stored_exams(target, exams, identity.began).there
    print_line(f"{len(exams) - len(left)} exams removed, {len(left)} left in the database")
    return 1 if left else 0
