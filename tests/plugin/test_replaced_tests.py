"""A gate whose test, cases or evidence a hook or a fixture of a conftest.py has replaced is INCONCLUSIVE."""

import pytest

from tests.plugin.conftest import Rehearse

GATE = "@pytest.mark.gate(name='mine')\n"
CASES = f"import pytest\n{GATE}@pytest.mark.parametrize('n', [1, 2, 3])\ndef test_mine(n): assert n < LIMIT\n"
READS = f"import pytest\n{GATE}def test_mine(preflight_evidence): assert preflight_evidence.LIMIT\n"
MAKES_ANOTHER = (
    "import pytest\n"
    "def ok(): pass\n"
    "@pytest.hookimpl(tryfirst=True)\n"
    "def pytest_pycollect_makeitem(collector, name, obj):\n"
    "    if name == 'test_mine':\n"
    "        ok.pytestmark = obj.pytestmark\n"
    "        return [pytest.Function.from_parent(collector, name=name, callobj=ok)]\n"
)
DROPS_A_CASE = (
    "import pytest\n"
    "@pytest.hookimpl(tryfirst=True)\n"
    "def pytest_generate_tests(metafunc):\n"
    "    real = metafunc.parametrize\n"
    "    metafunc.parametrize = lambda names, values, **more: real(names, list(values)[:2], **more)\n"
)
STUB = "import pytest\n@pytest.fixture\ndef preflight_evidence(): return type('Stub', (), {'LIMIT': 1})()\n"
REPLACED = {
    "another function": (
        MAKES_ANOTHER,
        f"import pytest\n{GATE}def test_mine(): assert 1 == 2\n",
        "a plugin or conftest.py made its test of another function: ok in ",
    ),
    "a case left out": (
        DROPS_A_CASE,
        CASES.replace("LIMIT", "3"),
        "its marks parametrize name 3 cases, and a plugin or conftest.py left 2",
    ),
    "a stub of the evidence": (STUB, READS, "conftest.py, line 2"),
}


@pytest.mark.parametrize("case", REPLACED)
def test_a_gate_of_which_something_was_replaced_is_left_open(rehearse: Rehearse, case: str) -> None:
    conftest, text, told = REPLACED[case]
    run = rehearse("-m", "gates", files={"conftest.py": conftest, "test_mine.py": text})
    assert (run.exit_status, run.gate("mine")["outcome"]) == (1, "inconclusive"), run.output
    assert told in run.gate("mine")["reason"]


def test_what_is_only_wrapped_or_has_more_cases_is_judged(rehearse: Rehearse) -> None:
    conftest = "def pytest_generate_tests(metafunc):\n    metafunc.parametrize('again', [1, 2])\n"
    text = (
        "import functools\nimport pytest\n"
        "def wrapped(test):\n    @functools.wraps(test)\n    def call(*a, **k): return test(*a, **k)\n    return call\n"
        f"class TestMine:\n    {GATE}    @pytest.mark.parametrize('n', (n for n in [1, 2]))\n    @wrapped\n"
        "    def test_mine(self, n, again, preflight_evidence): assert n and again and preflight_evidence\n"
    )
    run = rehearse("-m", "gates", files={"conftest.py": conftest, "test_mine.py": text})
    assert run.exit_status == 0, run.output
