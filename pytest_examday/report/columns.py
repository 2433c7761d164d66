"""The columns for phase and gate in the HTML report. pytest-html escapes nothing, so this module does."""

from collections.abc import Mapping
from html import escape
from typing import Any

from pytest_examday.core.property_names import GATE, PHASE

NOTHING = "\N{EN DASH}"
"""The text of an empty cell. Its code point is above all letters, so that rows with a gate are sorted first."""


def header_cells() -> list[str]:
    """The headings. pytest-html sorts a column by the class `col-…` of its cells."""
    return [
        '<th class="sortable" data-column-type="phase">Phase</th>',
        '<th class="sortable" data-column-type="gate">Gate</th>',
    ]


def row_cells(report: Any, phases: Mapping[int, str]) -> list[str]:
    """The cells with phase (number and title) and gate of one report; both are empty for a file that could not be
    collected."""
    properties = dict(getattr(report, "user_properties", ()))
    phase, gate = properties.get(PHASE), properties.get(GATE)
    return [
        f'<td class="col-phase">{escape(_phase(phase, gate, phases))}</td>',
        f'<td class="col-gate">{escape(NOTHING if gate is None else str(gate))}</td>',
    ]


def _phase(number: object, gate: object, phases: Mapping[int, str]) -> str:
    """The text of the phase cell. Sorted by code point, phases come first in their order, then gates, then all else."""
    if number is not None:
        return f"{number} {phases.get(int(str(number)), '')}".strip()
    return NOTHING if gate is None else "GO/NO-GO"
