"""The phase and gate columns of the HTML report. pytest-html escapes nothing, so this does."""

from html import escape

import pytest


def header_cells() -> list[str]:
    """The headings, sortable."""
    return [
        '<th class="sortable" data-column-type="phase">Phase</th>',
        '<th class="sortable" data-column-type="gate">Gate</th>',
    ]


def row_cells(report: pytest.TestReport) -> list[str]:
    """Phase and gate of one test, empty where it has none."""
    properties = dict(report.user_properties)
    phase = escape(str(properties.get("examday_phase", "")))
    gate = escape(str(properties.get("examday_gate", "")))
    return [f'<td class="col-phase">{phase}</td>', f'<td class="col-gate">{gate}</td>']
