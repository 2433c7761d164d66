"""The entry point: options and marks always; everything else only where `--env` asks for a rehearsal."""

import pytest

from pytest_examday.options import add_marks, add_options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let others add suites, activities, gates and lines."""
    from pytest_examday import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marks; with `--env`, the rehearsal's hooks and fixtures too."""
    add_marks(config)
    if config.option.examday_env is not None:
        from pytest_examday import fixtures
        from pytest_examday.session.activate import activate

        activate(config)
        config.pluginmanager.register(fixtures, "examday-fixtures")
