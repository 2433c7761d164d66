"""The command `k6-testrun`: write the load of phase 2 as manifests for a Kubernetes cluster with k6-operator."""

import argparse
import os
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.load.k6.k6_plan import write_secret
from pytest_examday.load.k6.testrun import TEST_RUN, Manifest, manifests, text_of
from pytest_examday.load.k6.translate import require_simple
from pytest_examday.options import PROFILES
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.terminal_text import print_line
from pytest_examday.session.suites import BUILT_IN_TABLES
from pytest_examday.suites.exam.load.exam_loads import plan_for_elsewhere
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from pytest_examday.target.target import Target

NAME = "k6-testrun"
HELP = "write the load of phase 2 as a k6-operator TestRun"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `k6-testrun`."""
    parser.add_argument("--env", required=True, metavar="NAME", help="the environment, of examday.toml")
    parser.add_argument("--examday-config", metavar="FILE", help="configuration, as for a rehearsal")
    parser.add_argument("--examday-profile", metavar="PROFILE", help=f"size of the load: {', '.join(PROFILES)}")
    parser.add_argument("--out", required=True, metavar="DIR", type=Path, help="folder for the manifests")
    parser.add_argument(
        "--accounts",
        metavar="DIR",
        type=Path,
        help="write the Secrets with the candidates' credentials to this new folder",
    )
    parser.add_argument("--parallelism", metavar="N", type=int, help="runners; default: by the number of candidates")
    parser.add_argument("--image", metavar="IMAGE", help="of the runners; default: the operator's")


def run(arguments: argparse.Namespace) -> int:
    """Write the manifests, print the next steps and return 0.

    Raises UsageProblem for an environment that no cluster can reach or k6 cannot follow, a bad number of runners, or a
    path that cannot be written.
    """
    environment = load_environment(
        arguments.env, arguments.examday_profile, arguments.examday_config, (Path.cwd(),), tables=BUILT_IN_TABLES
    )
    _refuse_what_no_cluster_reaches(environment)
    if arguments.parallelism is not None and not 1 <= arguments.parallelism <= environment.profile.load.candidates:
        raise UsageProblem(f"--parallelism {arguments.parallelism}: must be 1 to the number of candidates")
    require_simple(environment.platform.contract, environment.candidates)
    plan = _plan(environment)
    written_manifests = manifests(plan, arguments.parallelism, arguments.image)
    _refuse_secrets(environment, written_manifests.plain)
    _write(arguments.out, written_manifests.plain)
    if arguments.accounts is not None:
        _write_secrets(arguments.accounts, written_manifests.secret)
    _say_what_is_next(arguments)
    return 0


def _refuse_what_no_cluster_reaches(environment: Environment) -> None:
    if environment.embedded:
        raise UsageProblem(f"--env {environment.name}: the embedded platform listens on this machine alone")


def _refuse_secrets(environment: Environment, made: dict[str, Manifest]) -> None:
    """Raise UsageProblem if a ConfigMap would hold a secret of the configuration, for instance in a header of the
    contract: whoever may read the namespace may read it."""
    redactor = Redactor()
    redactor.learn_from(environment)
    for name, manifest in made.items():
        text = text_of(manifest)
        if "plan" in name and redactor.clean(text) != text:  # the scripts are ours
            raise UsageProblem(
                f"--env {environment.name}: {name} would hold a secret of the configuration, for instance of a header "
                "or body of the contract; a ConfigMap cannot keep it, so load with the built-in candidates"
            )


def _plan(environment: Environment) -> ExamPlan:
    with TemporaryDirectory() as scratch:  # of this run nothing stays: the load runs elsewhere
        target = Target(environment, RunFiles(Path(scratch), Redactor()), os.getpid())
        try:
            return plan_for_elsewhere(target, "load", environment.profile.load)
        except Unmeasurable as reason:
            raise UsageProblem(f"--env {environment.name}: {reason}") from None


def _write(out: Path, made: dict[str, Manifest]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, manifest in made.items():
            (out / name).write_text(text_of(manifest), encoding="utf-8")
    except OSError as problem:
        raise UsageProblem(f"--out {out}: cannot be written: {problem.strerror}") from None


def _write_secrets(path: Path, made: dict[str, Manifest]) -> None:
    """Into a folder that only its owner may read."""
    try:
        path.mkdir(mode=0o700, parents=True)
        for name, manifest in made.items():
            write_secret(path / name, text_of(manifest))
    except FileExistsError:
        raise UsageProblem(f"--accounts {path} exists already: name a new folder") from None
    except OSError as problem:
        raise UsageProblem(f"--accounts {path}: cannot be written: {problem.strerror}") from None


def _say_what_is_next(arguments: argparse.Namespace) -> None:
    again = "".join(
        f" {option} {shlex.quote(str(value))}"
        for option, value in (
            ("--examday-config", arguments.examday_config),
            ("--examday-profile", arguments.examday_profile),
        )
        if value is not None
    )
    out = shlex.quote(str(arguments.out))
    next_steps = (
        f"wrote the manifests to {out}; next:\n"
        f"  {_the_secrets(arguments.accounts)}\n"
        f"  kubectl apply -f {out}\n"
        f"  kubectl logs -f POD > LOGS/POD.log      for every pod labelled k6_cr={TEST_RUN},runner=true\n"
        f"  pytest --env {arguments.env}{again} --examday-engine k6 --examday-k6-results LOGS"
    )
    print_line(next_steps)


def _the_secrets(accounts: Path | None) -> str:
    if accounts is None:
        return "write the Secrets too, with --accounts DIR"
    folder = shlex.quote(str(accounts))
    return f"kubectl apply --server-side -f {folder} && rm -r {folder}      (server-side: no copy in an annotation)"
