"""A gate whose test did not run gives the real reason."""

import pytest

from tests.plugin.conftest import Rehearse

_MINE = "import pytest\n@pytest.mark.gate(name='mine')\ndef test_mine():\n    {body}\n"
_TAKEN_OUT = (
    "def pytest_collection_modifyitems(items):\n"
    "    items[:] = [item for item in items if item.name != 'test_zero_data_loss']\n"
)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("test_mine.py",), "its test is not part of what was asked for: test_mine.py"),
        (
            ("examday::exam::gates::test_error_rate",),
            "its test is not part of what was asked for: examday::exam::gates::test_error_rate",
        ),
        (("-k", "not zero_data_loss"), "its test was deselected: -k 'not zero_data_loss'"),
        (
            ("--deselect", "examday::exam::gates::test_zero_data_loss"),
            "its test was deselected: --deselect examday::exam::gates::test_zero_data_loss",
        ),
        (("-m", "gates and not disruptive"), "its test was deselected: -m 'gates and not disruptive'"),
    ],
    ids=["paths", "node id", "-k", "--deselect", "-m"],
)
@pytest.mark.parametrize("workers", ["0", "1"], ids=["alone", "xdist"])
def test_a_gate_that_the_command_line_left_out_names_what_left_it_out(
    rehearse: Rehearse, arguments: tuple[str, ...], reason: str, workers: str
) -> None:
    run = rehearse(*arguments, "-n", workers, files={"test_mine.py": _MINE.format(body="pass")})
    assert run.verdict["verdict"] == "NO-GO"
    assert run.gate("zero-data-loss")["reason"] == reason


def test_a_gate_that_a_conftest_took_out_says_so(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", files={"conftest.py": _TAKEN_OUT})
    assert run.gate("zero-data-loss")["reason"] == "its test was taken out of the run by a plugin or conftest.py"


def test_a_gate_before_which_a_failure_ended_the_run_says_so(rehearse: Rehearse) -> None:
    run = rehearse("-x", "-m", "gates", files={"test_mine.py": _MINE.format(body="assert False, 'no'")})
    assert run.gate("mine")["outcome"] == "fail"
    assert run.gate("zero-data-loss")["reason"] == "the run ended before it: stopping after 1 failures"
