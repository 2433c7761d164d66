"""Keeping secrets out of what pytest itself says."""

import pytest

from pytest_examday.run.redaction import Redactor


def clean_report(report: pytest.TestReport, redactor: Redactor) -> None:
    """Replace secrets in the failure's text and in captured output; a report without any is left as it was."""
    if report.longrepr is not None:
        text = str(report.longrepr)
        cleaned = redactor.clean(text)
        if cleaned != text:
            report.longrepr = cleaned
    report.sections = [(title, redactor.clean(content)) for title, content in report.sections]
