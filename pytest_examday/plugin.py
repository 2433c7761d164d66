"""The entry point of the plugin: it adds options and marks; the rest is imported only in a run with `--env`."""

import os
from collections.abc import Collection, Generator, Sequence

import pytest
from pluggy import PluginValidationError

from pytest_examday.options import add_env, add_marks, add_options, is_free, names_env, values_of_env

_NOT_OURS: pytest.StashKey[bool] = pytest.StashKey()
"""Whether `--env` was given and is the option of somebody else."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    add_options(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: Sequence[str]
) -> Generator[None]:
    """Add `--env` and the hooks of `pytest_examday.hookspecs` once the first conftest.py files are there.

    If a conftest.py defines an option `--env`, that option stays in force: ours would end every run of that project. A
    hook in a conftest.py with an unknown argument is reported in one line, without a traceback. In a rehearsal, control
    the exit status before they are read, and note what was typed when their options are known.
    """
    from pytest_examday import hookspecs

    in_full = early_config.known_args_namespace.examday_env is not None
    asked_for = in_full or (is_free(parser) and names_env(args))
    if is_free(parser):
        _keep_names_from_paths(early_config, values_of_env(args))
    if asked_for:
        from pytest_examday.session.exit_status import EXIT_CONTROL, ExitControl

        ExitControl.install(early_config)
    try:
        yield
        if is_free(parser):
            add_env(parser)
        elif names_env(args):
            early_config.stash[_NOT_OURS] = True
        early_config.pluginmanager.add_hookspecs(hookspecs)
    except PluginValidationError as problem:
        raise pytest.UsageError(" ".join(str(problem).split())) from None
    except SystemExit as problem:
        if not asked_for:
            raise
        raise pytest.UsageError(f"a conftest.py ended pytest while it was read: SystemExit({problem.code})") from None
    if asked_for and not in_full and _NOT_OURS in early_config.stash:
        early_config.stash[EXIT_CONTROL].withdraw()
    elif asked_for:
        from pytest_examday.session.typed_options import note_typed

        note_typed(early_config, parser)


def _keep_names_from_paths(config: pytest.Config, names: Collection[str]) -> None:
    """Remove these names from the paths in which pytest looks for conftest.py files, unless such a path exists: until
    `--env` is added, pytest takes its value for a path and would leave out `testpaths`."""
    arguments = config.known_args_namespace
    folder = config.invocation_params.dir
    arguments.file_or_dir = [
        path
        for path in arguments.file_or_dir
        if path not in names or os.path.exists(folder / path)  # noqa: PTH110 (a Path raises if the name is too long)
    ]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say why there is no rehearsal if the project has a configuration of ours, and an option `--env` of its own
    that was given."""
    folders = (config.invocation_params.dir, config.rootpath)
    if _NOT_OURS not in config.stash or config.option.examday_env is not None:
        return []
    if not any((folder / "examday.toml").exists() for folder in folders):
        return []
    return ["examday: --env is an option of this project or of another plugin; to rehearse, write --examday-env NAME"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marks; with `--env`, also the hooks and fixtures of the rehearsal.

    A UsageProblem, which a contradiction in a built-in suite raises while it is imported, becomes a pytest.UsageError:
    one line, status 4.
    """
    add_marks(config)
    if config.option.examday_env is not None:
        from pytest_examday.errors import UsageProblem

        try:
            from pytest_examday import fixtures
            from pytest_examday.session.activate import activate

            activate(config)
        except UsageProblem as problem:
            _forget_latest(config)
            raise pytest.UsageError(*problem.mistakes) from None
        config.pluginmanager.register(fixtures, "examday-fixtures")


def _forget_latest(config: pytest.Config) -> None:
    """Take care that nobody takes the verdict of an earlier run for that of this one, which was refused."""
    option = config.option
    if not (hasattr(config, "workerinput") or option.collectonly or option.examday_dir or option.examday_evidence):
        from pytest_examday.run.run_directory import forget_latest

        forget_latest(config.invocation_params.dir)
