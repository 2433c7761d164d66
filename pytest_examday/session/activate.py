"""Makes the rehearsal from the options: with a new run directory in the controller, with the controller's in a
worker."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.config.configuration_file import Table, locate
from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.named_variables import named_variables
from pytest_examday.drills.resolve_drills import resolve_drills
from pytest_examday.errors import UsageProblem
from pytest_examday.load.chosen_engine import chosen_engine
from pytest_examday.monotonic_clock import agree
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.run_directory import make_run_directory
from pytest_examday.run.terminal_text import printable
from pytest_examday.runtimes.start_embedded import refuse_missing_packages
from pytest_examday.safety.lock import Lock
from pytest_examday.safety.owner import Owner
from pytest_examday.safety.permission import is_confirmed
from pytest_examday.safety.state_directory import state_directory_of
from pytest_examday.session.additions import Additions
from pytest_examday.session.clean_report import clean_trace
from pytest_examday.session.cleaning_hooks import CleaningHooks
from pytest_examday.session.collecting import add_to
from pytest_examday.session.controller import CONTROLLER, Controller
from pytest_examday.session.earlier_run import earlier_run, evidence_in, refuse_altered_run, refuse_untyped
from pytest_examday.session.evidence_fixtures import evidence_fixtures
from pytest_examday.session.exit_status import EXIT_CONTROL
from pytest_examday.session.hooks import ControllerHooks, RehearsalHooks
from pytest_examday.session.http_logs import leave_headers_out_of_logs, log_headers_again
from pytest_examday.session.rehearsal import REHEARSAL, Rehearsal
from pytest_examday.session.suites import (
    choose_suites,
    refuse_broken_profiles,
    refuse_unknown_hooks,
    register_marks,
    suite_names,
    suite_tables,
    suites_of,
)
from pytest_examday.session.typed_options import evidence_was_typed
from pytest_examday.session.watched_fixtures import WATCHED_FIXTURES, WatchedFixtures
from pytest_examday.target.target import Target


def activate(config: pytest.Config) -> None:
    """Make the rehearsal and register its hooks and fixtures. Raises UsageProblem, without secrets, if it cannot be
    made."""
    refuse_unknown_hooks(config.pluginmanager)
    if not config.pluginmanager.hasplugin("python"):
        raise UsageProblem("-p no:python: without this plugin pytest collects no test of a Python file, and so no gate")
    folders = tuple(dict.fromkeys((config.invocation_params.dir, config.rootpath)))
    redactor = Redactor()
    try:
        _, table = locate(config.option.examday_config, folders)
        for environment in _tables(table.get("env")):
            redactor.learn_variables(named_variables(environment, os.environ).secret.values())
        clean_trace(config, redactor)
        leave_headers_out_of_logs()
        config.add_cleanup(log_headers_again)
        _activate(config, folders, redactor)
    except UsageProblem as problem:
        raise UsageProblem(*(printable(redactor.clean(mistake)) for mistake in problem.mistakes)) from None


def _tables(environments: Any) -> list[Table]:
    """The tables of all environments, whatever else the file holds in their place."""
    tables = environments.values() if isinstance(environments, dict) else ()
    return [value for value in tables if isinstance(value, dict)]


def _activate(config: pytest.Config, folders: tuple[Path, ...], redactor: Redactor) -> None:
    from_controller: dict[str, Any] | None = getattr(config, "workerinput", {}).get("examday")
    suites = suites_of(Additions(config.pluginmanager))
    environment = load_environment(
        config.option.examday_env,
        config.option.examday_profile,
        config.option.examday_config,
        folders,
        known=suite_names(suites.values()),
        tables=suite_tables(suites.values()),
    )
    redactor.learn_from(environment)
    option = config.option.examday_evidence
    earlier = None if option is None else earlier_run(option)
    if earlier is not None and from_controller is None:
        if not evidence_was_typed(config):
            refuse_untyped(option)
        refuse_altered_run(earlier, environment)
    activities_with_evidence = None if earlier is None else evidence_in(earlier)
    chosen = choose_suites(suites, environment, config.option.examday_suite, activities_with_evidence)
    register_marks(config, chosen.suites)
    source = _source(config.option.examday_config, folders)
    environment = resolve_drills(environment, (drill for suite in chosen.suites for drill in suite.drills), source)
    refuse_broken_profiles(chosen.suites, environment)
    confirmed = is_confirmed(environment, config.option.examday_confirm)
    engine = chosen_engine(config.option.examday_engine, config.option.examday_k6_results, environment)
    lock = None
    if from_controller is None:
        if environment.embedded and earlier is None and not config.option.collectonly:
            refuse_missing_packages()
        lock = _lock(config, environment, source)
        directory = _run_directory(config, environment, lock)
    else:
        directory = Path(from_controller["directory"])
        agree(float(from_controller["clock"]))
    controller_pid = os.getpid() if from_controller is None else int(from_controller["pid"])
    files = RunFiles(directory, redactor)
    target = Target(
        environment, files, controller_pid, engine, confirmed=confirmed, judges_again=earlier is not None, config=source
    )
    rehearsal = config.stash[REHEARSAL] = Rehearsal(target, chosen, earlier)
    includes = None if from_controller is None else bool(from_controller["includes_all_lines"])
    includes_all_lines = add_to(config, chosen.suites, includes)
    config.pluginmanager.register(evidence_fixtures(rehearsal.all_activities.values()), "examday-evidence")
    config.pluginmanager.register(RehearsalHooks(config), "examday-rehearsal")
    config.stash[WATCHED_FIXTURES] = WatchedFixtures(config)
    config.pluginmanager.register(CleaningHooks(redactor), "examday-cleaning")
    if from_controller is None:
        config.stash[CONTROLLER] = config.stash[EXIT_CONTROL].judged_run = Controller(config, includes_all_lines, lock)
        config.pluginmanager.register(ControllerHooks(config), "examday-controller")
        if config.pluginmanager.hasplugin("xdist"):
            from pytest_examday.session.scheduling import limit_restarts

            limit_restarts(config)


def _source(option: str | None, folders: tuple[Path, ...]) -> Path | None:
    path, _ = locate(option, folders)
    return None if path is None else path.absolute()


def _lock(config: pytest.Config, environment: Environment, source: Path | None) -> Lock | None:
    """Take the platform's lock for this run. No lock is needed for a run that measures nothing or that starts a
    platform of its own."""
    if config.option.examday_evidence is not None or config.option.collectonly or environment.embedded:
        return None
    owner = Owner.of(os.getpid(), environment.name, None if source is None else str(source))
    return Lock.take(state_directory_of(environment), owner)


def _run_directory(config: pytest.Config, environment: Environment, lock: Lock | None) -> Path:
    """A new run directory. If tests are only collected it is a temporary one, removed when pytest ends."""
    if config.option.collectonly:
        temporary = Path(tempfile.mkdtemp(prefix="examday-collected-"))
        config.add_cleanup(lambda: shutil.rmtree(temporary, ignore_errors=True))
        return temporary
    try:
        directory = make_run_directory(
            config.option.examday_dir,
            environment.name,
            environment.profile.name,
            config.invocation_params.dir,
            judges_again=config.option.examday_evidence is not None,
        )
    except UsageProblem:
        if lock is not None:
            lock.release()
        raise
    if lock is not None:
        lock.note_directory(directory)
    return directory
