"""Removes secrets from pytest's reports."""

import pytest

from pytest_examday.run.redaction import Redactor


def clean_report(report: pytest.TestReport, redactor: Redactor) -> None:
    """Replace secrets in the text of a failure and in captured output; a report without secrets stays unchanged."""
    if report.longrepr is not None:
        text = str(report.longrepr)
        cleaned = redactor.clean(text)
        if cleaned != text:
            report.longrepr = cleaned
    report.sections = [(title, redactor.clean(content)) for title, content in report.sections]
