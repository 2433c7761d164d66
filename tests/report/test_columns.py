"""The phase and gate columns of pytest-html's table."""

from types import SimpleNamespace

from pytest_examday.report.columns import NOTHING, header_cells, row_cells

_PHASES = {1: "Pre-Exam Freeze", 2: "Load Generation", 3: "Failure Injection"}


def _cells(**properties: object) -> list[str]:
    report = SimpleNamespace(user_properties=[(f"examday_{name}", value) for name, value in properties.items()])
    return [cell.split(">", 1)[1].removesuffix("</td>") for cell in row_cells(report, _PHASES)]


def test_there_is_a_cell_for_every_heading() -> None:
    assert len(header_cells()) == len(row_cells(SimpleNamespace(user_properties=[]), _PHASES)) == 2
    assert all('class="sortable"' in cell for cell in header_cells())


def test_phases_sort_before_gates_and_gates_before_everything_else() -> None:
    cells = [_cells(phase=3)[0], _cells(gate="error-rate")[0], _cells()[0], _cells(phase=1)[0]]
    assert sorted(cells) == ["1 Pre-Exam Freeze", "3 Failure Injection", "GO/NO-GO", NOTHING]


def test_a_gate_of_a_phase_keeps_its_phase() -> None:
    assert _cells(phase=2, gate="my-own") == ["2 Load Generation", "my-own"]


def test_a_file_that_could_not_be_collected_has_empty_cells() -> None:
    assert NOTHING in row_cells(SimpleNamespace(nodeid="test_broken.py"), _PHASES)[0]


def test_a_gates_name_is_only_ever_text() -> None:
    assert _cells(gate="<b>x</b>")[1] == "&lt;b&gt;x&lt;/b&gt;"
