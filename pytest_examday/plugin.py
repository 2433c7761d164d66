"""The entry point of the plugin: it adds options and marks; the rest is imported only in a run with `--env`."""

from collections.abc import Generator

import pytest
from pluggy import PluginValidationError

from pytest_examday.options import add_marks, add_options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    add_options(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> Generator[None]:
    """Add the hooks of `pytest_examday.hookspecs` once the first conftest.py files are there: a hook of theirs with an
    argument that there is not is then one line and no traceback. With `--env`, guard the exit status before they are
    read, and note what was typed when their options are known."""
    from pytest_examday import hookspecs

    rehearses = early_config.known_args_namespace.examday_env is not None
    if rehearses:
        from pytest_examday.session.exit_status import ExitGuard

        ExitGuard.install(early_config)
    try:
        yield
        early_config.pluginmanager.add_hookspecs(hookspecs)
    except PluginValidationError as problem:
        raise pytest.UsageError(" ".join(str(problem).split())) from None
    except SystemExit as problem:
        if not rehearses:
            raise
        raise pytest.UsageError(f"a conftest.py ended pytest while it was read: SystemExit({problem.code})") from None
    if rehearses:
        from pytest_examday.session.typed_options import note_typed

        note_typed(early_config, parser)


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
            raise pytest.UsageError(str(problem)) from None
        config.pluginmanager.register(fixtures, "examday-fixtures")
