"""The hooks that keep secrets out of what pytest and its plugins write."""

from collections.abc import Generator

import pytest

from pytest_examday.run.redaction import Redactor
from pytest_examday.session.clean_report import clean_report, clean_what_writes


class CleaningHooks:
    """The hooks of every process that collects or runs tests. They act when all others have added to a report."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def pytest_plugin_registered(self, plugin: object, plugin_name: str) -> None:
        """Have what pytest's own plugins write cleaned."""
        clean_what_writes(plugin, plugin_name, self._redactor)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remove secrets from the report before it leaves the process."""
        report = yield
        clean_report(report, self._redactor)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Remove secrets from the report of a collection."""
        report = yield
        clean_report(report, self._redactor)
        return report

    def pytest_make_parametrize_id(self, val: object, argname: str) -> str | None:
        """Use the name of the argument as a test case's id if the value holds a secret."""
        return f"{argname}-hidden" if isinstance(val, str) and self._redactor.clean(val) != val else None
