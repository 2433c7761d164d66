"""From options to a rehearsal: in the controller a new run directory, in an xdist worker the controller's."""

import os
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.config.load import load_environment
from pytest_examday.errors import UsageProblem
from pytest_examday.evidence.store import make_run_directory
from pytest_examday.load.engine import chosen_engine
from pytest_examday.secrets import Redactor
from pytest_examday.session.controller import Controller
from pytest_examday.session.hooks import ControllerHooks, SuiteHooks
from pytest_examday.session.keys import CONTROLLER, REHEARSAL
from pytest_examday.session.rehearsal import Rehearsal
from pytest_examday.session.suite import add_to
from pytest_examday.site import Site


def activate(config: pytest.Config) -> None:
    """Make the rehearsal and register its hooks and fixtures; a user's mistake becomes one line and status 4."""
    try:
        _activate(config)
    except UsageProblem as problem:
        raise pytest.UsageError(str(problem)) from None


def _activate(config: pytest.Config) -> None:
    from pytest_examday import fixtures

    given: dict[str, Any] | None = getattr(config, "workerinput", {}).get("examday")
    environment = load_environment(
        config.option.examday_env,
        config.option.examday_profile,
        config.option.examday_config,
        tuple(dict.fromkeys((config.invocation_params.dir, config.rootpath))),
    )
    earlier = _earlier(config.option.examday_evidence)
    engine = chosen_engine(config.option.examday_engine, config.option.examday_k6_results, environment)
    if given is None:
        base = config.invocation_params.dir
        directory = make_run_directory(config.option.examday_dir, environment.name, base)
    else:
        directory = Path(given["directory"])
    watch = os.getpid() if given is None else int(given["pid"])
    site = Site(environment, directory, Redactor(), watch_pid=watch, engine=engine)
    config.stash[REHEARSAL] = Rehearsal(site, earlier)
    suite_is_whole = add_to(config)
    config.pluginmanager.register(fixtures, "examday-fixtures")
    config.pluginmanager.register(SuiteHooks(config), "examday-suite")
    if given is None:
        config.stash[CONTROLLER] = Controller(config, suite_is_whole)
        config.pluginmanager.register(ControllerHooks(config), "examday-controller")


def _earlier(option: str | None) -> Path | None:
    if option is None:
        return None
    path = Path(option)
    if not (path / "evidence").is_dir():
        raise UsageProblem(f"--examday-evidence {option}: not a run directory (it has no evidence/ folder)")
    return path.absolute()
