"""The phase and gate columns of the HTML report. pytest-html escapes nothing, so this does."""

from collections.abc import Mapping
from html import escape
from typing import Any

NOTHING = "\N{EN DASH}"
"""An empty cell. Sorted by code point it comes after every word, so sorting by gate shows the gates first."""


def header_cells() -> list[str]:
    """The headings, sortable: pytest-html sorts by the word after `col-` in the cells."""
    return [
        '<th class="sortable" data-column-type="phase">Phase</th>',
        '<th class="sortable" data-column-type="gate">Gate</th>',
    ]


def row_cells(report: Any, phases: Mapping[int, str]) -> list[str]:
    """Phase (with its title) and gate of one report. A file that could not be collected has neither."""
    properties = dict(getattr(report, "user_properties", ()))
    phase, gate = properties.get("examday_phase"), properties.get("examday_gate")
    return [
        f'<td class="col-phase">{escape(_phase(phase, gate, phases))}</td>',
        f'<td class="col-gate">{escape(NOTHING if gate is None else str(gate))}</td>',
    ]


def _phase(number: object, gate: object, phases: Mapping[int, str]) -> str:
    """Sorted by code point the phases come in their order, then the gates, then everything else."""
    if number is not None:
        return f"{number} {phases.get(int(str(number)), '')}".strip()
    return NOTHING if gate is None else "GO/NO-GO"
