"""Removes secrets from what pytest writes: reports, terminal, log files, and the files that the user asks for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.run.redaction import Redactor
from pytest_examday.run.terminal_text import clean_stream, printable

_TERMINAL, _LOGGING = "terminalreporter", "logging-plugin"
"""The names under which pytest registers the plugins that write to the terminal and to log files."""
_FILES = ("xmlpath", "htmlpath", "report_log")
"""The options of pytest, pytest-html and pytest-reportlog by which a user names a file."""


def clean_report(report: pytest.TestReport | pytest.CollectReport, redactor: Redactor) -> None:
    """Replace secrets and control characters in the text of a failure, in the reason of a skip or of an expected
    failure and in properties; in captured output secrets alone, because tests may write colours. A report with neither
    stays unchanged."""

    def clean(text: str) -> str:
        return printable(redactor.clean(text))

    longrepr: Any = report.longrepr
    if isinstance(longrepr, tuple):  # the place and the reason of a skip, which pytest takes apart
        report.longrepr = _cleaned(longrepr, clean)
    elif longrepr is not None and (cleaned := clean(text := str(longrepr))) != text:
        report.longrepr = cleaned
    report.sections = [(title, redactor.clean(content)) for title, content in report.sections]
    if (reason := getattr(report, "wasxfail", None)) is not None:
        report.wasxfail = clean(str(reason))  # type: ignore[union-attr] # pytest sets it on some reports
    if isinstance(report, pytest.TestReport):
        report.user_properties = [(name, _cleaned(value, redactor.clean)) for name, value in report.user_properties]


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    """The value with its texts cleaned. An object of another type becomes text if its text holds a secret."""
    if isinstance(value, str):
        return clean(value)
    if type(value) in (list, tuple):
        return type(value)(_cleaned(item, clean) for item in value)
    if type(value) is dict:
        return {_cleaned(key, clean): _cleaned(item, clean) for key, item in value.items()}
    text = str(value)
    return value if (cleaned := clean(text)) == text else cleaned


def clean_what_writes(plugin: Any, name: str, redactor: Redactor) -> None:
    """If the plugin is pytest's terminal or logging, have all that it writes cleaned."""
    if name == _TERMINAL:
        writer = plugin._tw  # noqa: SLF001 # pytest offers no other way to the stream of its terminal
        writer._file = clean_stream(writer._file, redactor.clean)  # noqa: SLF001
    elif name == _LOGGING:
        handler = plugin.log_file_handler
        handler.setStream(clean_stream(handler.stream, redactor.clean))


def clean_trace(config: pytest.Config, redactor: Redactor) -> None:
    """Have what `--debug` writes cleaned."""
    tracer = config.trace.root
    if (write := tracer._writer) is not None:  # noqa: SLF001 # pluggy gives its writer to nobody
        tracer.setwriter(lambda text: write(redactor.clean(text)))


def clean_files(config: pytest.Config, redactor: Redactor) -> None:
    """Clean the files that pytest has written for the user: ids of tests may hold secrets."""
    for option in _FILES:
        name = getattr(config.option, option, None)
        if name and (path := config.invocation_params.dir / Path(name).expanduser()).is_file():
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
            if (cleaned := redactor.clean(text)) != text:
                path.write_text(cleaned, encoding="utf-8", errors="surrogateescape")
