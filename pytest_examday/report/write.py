"""Writes the artifacts of the run directory."""

import os
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from pytest_examday.core.verdict import Verdict
from pytest_examday.report.plain_document import plain_document
from pytest_examday.report.view import View
from pytest_examday.run.run_directory import VERDICT_FILE
from pytest_examday.target.target import Target


def write_verdict(target: Target, verdict: Verdict) -> None:
    """Write `verdict.json`."""
    target.files.store.replace(target.files.directory / VERDICT_FILE, verdict.to_json(indent=1) + "\n")


def write_markdown(target: Target, views: Sequence[View]) -> None:
    """Write `report.md`: the documents of all suites. A run without a verdict gets one too, which says so."""
    documents = [_document(view) for view in views]
    target.files.store.replace(target.files.directory / "report.md", "\n---\n\n".join(documents))


def _document(view: View) -> str:
    """The suite's part of the report; if the suite's own function fails, the plain part, which says so."""
    if view.suite.document is None:
        return plain_document(view)
    try:
        text: object = view.suite.document(view)
    except Exception as problem:  # noqa: BLE001 # a function of the user's must not cost the report
        return plain_document(view, f"{type(problem).__name__}: {problem}")
    return text if isinstance(text, str) else plain_document(view, f"it returned no text but {type(text).__name__}")


def finish_html(target: Target) -> None:
    """Remove secrets from the file that pytest-html has written; does nothing if there is none."""
    path = target.files.directory / "report.html"
    if path.exists():
        target.files.store.replace(path, path.read_text(encoding="utf-8"))


def open_in_browser(path: Path) -> None:
    """Open the file in a browser if there is a screen; elsewhere do nothing."""
    screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if screen and path.exists():
        webbrowser.open(path.as_uri())
