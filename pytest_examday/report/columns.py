"""The phase and gate columns of the HTML report. pytest-html escapes nothing, so this does."""

from html import escape
from typing import Any

from pytest_examday.options import PHASES

NOTHING = "\N{EN DASH}"
"""An empty cell. Sorted by code point it comes after every word, so sorting by gate shows the gates first."""


def header_cells() -> list[str]:
    """The headings, sortable: pytest-html sorts by the word after `col-` in the cells."""
    return [
        '<th class="sortable" data-column-type="phase">Phase</th>',
        '<th class="sortable" data-column-type="gate">Gate</th>',
    ]


def row_cells(report: Any) -> list[str]:
    """Phase and gate of one report. A file that could not be collected has neither."""
    properties = dict(getattr(report, "user_properties", ()))
    phase, gate = properties.get("examday_phase"), properties.get("examday_gate")
    return [
        f'<td class="col-phase">{escape(_phase(phase, gate))}</td>',
        f'<td class="col-gate">{escape(NOTHING if gate is None else str(gate))}</td>',
    ]


def _phase(number: object, gate: object) -> str:
    """Sorted by code point the phases come in their order, then the gates, then everything else."""
    if number is not None:
        return f"{number} {PHASES.get(int(str(number)), '')}".strip()
    return NOTHING if gate is None else "GO/NO-GO"
