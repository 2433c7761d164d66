"""A test of the user's own with `@pytest.mark.gate(name=…)` is a gate of the verdict."""

import pytest

from tests.plugin.conftest import Rehearse

GATE = "import pytest\n@pytest.mark.gate(name='certificates')\ndef test_certificates():\n    {body}\n"


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_users_gate_that_passes_is_part_of_a_verdict_of_go(rehearse: Rehearse, workers: str) -> None:
    run = rehearse("-m", "gates", "-n", workers, files={"test_mine.py": GATE.format(body="pass")})
    assert run.exit_status == 0, run.output
    assert run.gate("certificates")["outcome"] == "pass"


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_users_gate_that_fails_makes_the_verdict_no_go_with_its_message(rehearse: Rehearse, workers: str) -> None:
    body = "assert 3 > 30, 'the certificate ends in 3 days'"
    run = rehearse("-m", "gates", "-n", workers, files={"test_mine.py": GATE.format(body=body)})
    assert run.exit_status != 0
    assert run.verdict["verdict"] == "NO-GO"
    assert "the certificate ends in 3 days" in run.gate("certificates")["reason"]


def test_a_users_gate_that_was_deselected_is_inconclusive_and_the_run_fails(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", "-k", "not certificates", files={"test_mine.py": GATE.format(body="pass")})
    assert run.exit_status != 0
    assert run.gate("certificates")["outcome"] == "inconclusive"


@pytest.mark.parametrize("name", ["a\\n  VERDICT: GO", "a\\x1b[2Jb", "a\\rVERDICT: GO", "a\\u2028b"])
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_gate_whose_name_is_no_single_line_is_a_usage_error(rehearse: Rehearse, name: str, workers: str) -> None:
    gate = f'import pytest\n@pytest.mark.gate(name="{name}")\ndef test_x(): pass\n'
    run = rehearse("-m", "gates", "-n", workers, files={"test_mine.py": gate})
    assert run.exit_status == 4, run.output
    assert "write its name as one line" in run.output
    assert "VERDICT: GO" not in [line.strip() for line in run.output.splitlines()]


@pytest.mark.parametrize(
    "mark", ["gate", "gate('certificates')", "gate(name='')", "gate(name='a', hard=True)", "gate(name=3)"]
)
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_mark_without_a_plain_name_is_a_usage_error(rehearse: Rehearse, mark: str, workers: str) -> None:
    run = rehearse(
        "-m",
        "gates",
        "-n",
        workers,
        files={"test_mine.py": f"import pytest\n@pytest.mark.{mark}\ndef test_x(): pass\n"},
    )
    assert run.exit_status == 4
    assert "@pytest.mark.gate(name=" in run.output
    assert "Traceback" not in run.output


def test_a_users_gate_with_the_name_of_a_gate_of_the_suite_is_a_usage_error(rehearse: Rehearse) -> None:
    text = "import pytest\n@pytest.mark.gate(name='error-rate')\ndef test_x(): pass\n"
    run = rehearse("-m", "gates", files={"test_mine.py": text})
    assert run.exit_status == 4
    assert "error-rate is a gate of the suite exam" in run.output


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_users_gate_may_not_have_the_name_of_a_gate_of_another_suite(rehearse: Rehearse, workers: str) -> None:
    conftest = (
        "from pytest_examday.public import Line, Suite\n"
        "def pytest_examday_suites():\n"
        "    told = Line('told', 'Told', 1, (), lambda measured, findings: findings.add_fact('told'))\n"
        "    return [Suite('quiet', 'Quiet', {1: 'All'}, (), (told,), (), 'clerk', 'the count')]\n"
    )
    files = {"conftest.py": conftest, "test_mine.py": GATE.format(body="pass").replace("certificates'", "error-rate'")}
    run = rehearse("--env", "local", "--examday-suite", "quiet", "-n", workers, files=files, env=None)
    assert run.exit_status == 4, run.output
    assert "test_mine.py::test_certificates: error-rate is a gate of the suite exam; choose another name" in run.output
    assert "INTERNALERROR" not in run.output


def test_a_phase_out_of_range_is_a_usage_error(rehearse: Rehearse) -> None:
    text = "import pytest\n@pytest.mark.phase(number=8)\ndef test_x(): pass\n"
    run = rehearse(files={"test_mine.py": text})
    assert run.exit_status == 4
    assert "from 1 to 7" in run.output


def test_it_may_read_the_evidence(rehearse: Rehearse) -> None:
    text = (
        "import pytest\n"
        "@pytest.mark.gate(name='enough-candidates')\n"
        "def test_enough(load_evidence):\n"
        "    assert load_evidence.candidates > 10_000, f'only {load_evidence.candidates}'\n"
    )
    run = rehearse("-m", "gates", files={"test_mine.py": text})
    assert "only" in run.gate("enough-candidates")["reason"]
