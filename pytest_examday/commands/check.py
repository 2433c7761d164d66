"""The command `check`: try everything that an environment configures once, without load, and say what to write if
something does not work."""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.profiles import ALL, STANDARD
from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.drills.resolve_drills import resolve_drills
from pytest_examday.errors import Unmeasurable
from pytest_examday.options import PROFILES
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.terminal_text import print_line
from pytest_examday.runtimes.start_embedded import refuse_missing_packages, stop_embedded
from pytest_examday.safety.permission import is_confirmed
from pytest_examday.session.suites import BUILT_IN_TABLES
from pytest_examday.suites.exam.check.candidate_operations import operations
from pytest_examday.suites.exam.check.check_result import CheckResult, State
from pytest_examday.suites.exam.check.database_and_redis import stores
from pytest_examday.suites.exam.check.drills_and_permissions import drills_and_permissions
from pytest_examday.suites.exam.check.logs_metrics_runtime import sources
from pytest_examday.suites.exam.check.profile_sizes import sizes
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.suite import SUITE
from pytest_examday.target.api import Reply, ignored_proxies
from pytest_examday.target.target import Target

NAME = "check"
HELP = "try everything that an environment configures once, without load; 0 only if nothing is wrong and GO is possible"

_Part = Callable[[Target, Sequence[Reply]], Iterator[CheckResult]]
_PARTS: Mapping[str, _Part] = {
    "operations of the contract": lambda target, _: operations(target),
    "database and Redis": lambda target, _: stores(target),
    "logs, metrics and runtime": sources,
    "drills": lambda target, _: drills_and_permissions(target, SUITE),
    "size of the profile": lambda target, _: sizes(target),
}
"""What is printed in place of the results of a part that raises Unmeasurable -> the function that tries the part. It
gets the replies to the requests so far."""
_SIGNS: dict[State, str] = {"works": "ok", "wrong": "WRONG", "untried": "not tried"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `check`."""
    parser.add_argument("--env", required=True, metavar="NAME", help="the environment, of examday.toml")
    parser.add_argument("--examday-config", metavar="FILE", help="configuration, as for a rehearsal")
    parser.add_argument("--examday-profile", metavar="PROFILE", help=f"the profile to check for: {', '.join(PROFILES)}")
    parser.add_argument("--examday-confirm", metavar="NAME", help="repeat the name of a production environment")


def run(arguments: argparse.Namespace) -> int:
    """Print a row for each thing that was tried, and the gates that cannot pass. Returns 0 only if nothing is wrong and
    GO is possible as far as that can be known, otherwise 1.

    Raises UsageProblem for a mistake in the configuration, and if the embedded platform lacks packages.
    """
    environment = load_environment(
        arguments.env, arguments.examday_profile, arguments.examday_config, (Path.cwd(),), tables=BUILT_IN_TABLES
    )
    if environment.embedded:
        refuse_missing_packages()
    environment, unknown = _with_built_in_drills(environment)
    confirmed = is_confirmed(environment, arguments.examday_confirm)
    with tempfile.TemporaryDirectory(prefix="examday-check-") as folder:
        directory = Path(folder)
        (directory / "logs").mkdir()
        files = RunFiles(directory, Redactor())
        target = Target(environment, files, os.getpid(), confirmed=confirmed)
        replies: list[Reply] = []
        try:
            results = [_printed(files.redactor, result) for result in chain(unknown, _check_results(target, replies))]
        finally:
            stop_embedded(directory, files.logs)
    wrong = sum(result.state == "wrong" for result in results)
    no_go = list(_why_no_go(results))
    print_line("")
    if wrong:
        print_line(f"{wrong} wrong; what follows -> is the key to correct in the configuration")
    for line in no_go:
        print_line(line)
    if wrong or no_go:
        return 1
    print_line("nothing is wrong")
    return 0


def _why_no_go(results: Iterable[CheckResult]) -> Iterator[str]:
    """One line for each key because of which gates cannot pass."""
    gates: dict[str, dict[str, None]] = {}
    for result in results:
        if result.gates:
            gates.setdefault(result.key_to_write, {}).update(dict.fromkeys(result.gates))
    for key, names in gates.items():
        which = "gates" if len(names) > 1 else "gate"
        yield f"GO is impossible with this configuration: {which} {', '.join(names)}, because of {key}"


def _with_built_in_drills(environment: Environment) -> tuple[Environment, list[CheckResult]]:
    """The environment with the built-in drills of its profile, and a result for each name that is none of them: only a
    run of pytest knows the drills of plugins and of a conftest.py."""
    profile = environment.profile
    valid = (ALL, STANDARD, *(drill.name for drill in DRILLS))
    others = [name for name in profile.drill.drills if name not in valid]
    results = []
    for name in others:
        meant = did_you_mean(name, valid)
        state: State = "wrong" if meant else "untried"
        message = f"{meant}no built-in drill has this name; one of your own is known in a run of pytest only"
        results.append(CheckResult(f"drill {name}", state, message, f"profile.{profile.name}.drill.drills"))
    drill = profile.drill.model_copy(update={"drills": tuple(set(profile.drill.drills) - set(others))})
    with_built_in = environment.model_copy(update={"profile": profile.model_copy(update={"drill": drill})})
    return resolve_drills(with_built_in, DRILLS), results


def _check_results(target: Target, replies: list[Reply]) -> Iterator[CheckResult]:
    try:
        url = target.connections.api_url
        target.api.on_reply(replies.append)
        reply = target.api.call(target.environment.platform.contract.ready_or_health)
    except Unmeasurable as reason:
        yield CheckResult("api_url", "wrong", str(reason), f"env.{target.environment.name}.api_url")
        return
    if reply.status is None:
        yield CheckResult(
            "api_url", "wrong", f"{url}: {reply}{ignored_proxies(url)}", f"env.{target.environment.name}.api_url"
        )
        return
    yield CheckResult("api_url", "works", f"{url} answers")
    for label, results in _PARTS.items():
        try:
            yield from results(target, replies)
        except Unmeasurable as reason:
            yield CheckResult(label, "wrong", str(reason))


def _printed(redactor: Redactor, result: CheckResult) -> CheckResult:
    """Print one row, and return its result."""
    is_named = result.key_to_write and (result.state == "wrong" or result.gates)
    mend = f"  -> {result.key_to_write}" if is_named else ""
    print_line(redactor.clean(f"{_SIGNS[result.state]:9} {result.what:34} {result.message}{mend}"))
    return result
