"""A gate passes only if the body of its test was run to its end, raised nothing and returned None, whatever reports
say."""

import pytest

from tests.plugin.conftest import Rehearse

GATE = "@pytest.mark.gate(name='certificates')\n"
CASE = f"import pytest, unittest\nclass Mine(unittest.{{case}}):\n    {GATE}    {{body}}\n"
NO_BODY = {
    "async def of a TestCase": CASE.format(case="TestCase", body="async def test_a(self): assert 0"),
    "generator of a TestCase": CASE.format(case="TestCase", body="def test_a(self): yield 1"),
    "value of a TestCase": CASE.format(case="TestCase", body="def test_a(self): return False"),
    "value of a coroutine": CASE.format(case="IsolatedAsyncioTestCase", body="async def test_a(self): return False"),
    "value of a function": f"import pytest\n{GATE}def test_a(): return False\n",
    "value of True": f"import pytest\n{GATE}def test_a(): return True\n",
}


@pytest.mark.parametrize("case", NO_BODY)
def test_a_gate_that_returns_a_value_or_is_never_awaited_is_inconclusive(rehearse: Rehearse, case: str) -> None:
    run = rehearse("-m", "gates", "-W", "ignore", files={"test_mine.py": NO_BODY[case]})
    assert run.exit_status == 1, run.output
    gate = run.gate("certificates")
    assert gate["outcome"] == "inconclusive"
    assert "returned a value (" in gate["reason"] or "its body was not run to its end" in gate["reason"]


AWAITED = (
    f"import pytest, unittest\nclass Mine(unittest.IsolatedAsyncioTestCase):\n    {GATE}"
    "    async def test_a(self): assert {fact}\n"
)


@pytest.mark.parametrize(("fact", "status", "outcome"), [("1", 0, "pass"), ("0", 1, "fail")])
def test_a_coroutine_that_unittest_awaits_is_judged(rehearse: Rehearse, fact: str, status: int, outcome: str) -> None:
    run = rehearse("-m", "gates", files={"test_mine.py": AWAITED.format(fact=fact)})
    assert (run.exit_status, run.gate("certificates")["outcome"]) == (status, outcome), run.output


FAILS = f"import pytest\n{GATE}def test_a():\n    assert 0, 'out of date'\n"
SWALLOWING = (
    "import pytest\n"
    "@pytest.hookimpl(wrapper=True, trylast=True)\n"
    "def {hook}():\n"
    "    try: return (yield)\n"
    "    except AssertionError: return True\n"
)
AUTOUSE = "@pytest.fixture(autouse=True)\ndef certificate():\n    {}\n"
CHANGED = (
    "import pytest\n"
    "@pytest.hookimpl(wrapper=True, trylast=True)\n"
    "def pytest_runtest_makereport():\n"
    "    report = yield\n"
    "    report.outcome, report.longrepr = 'passed', None\n"
    "    return report\n"
)
HIDING = {
    "a changed report of a subtest": (
        CHANGED,
        f"import pytest\n{GATE}def test_a(subtests):\n    with subtests.test('one'): assert 0\n",
    ),
    "a changed report of a subTest": (
        CHANGED,
        CASE.format(case="TestCase", body="def test_a(self):\n        with self.subTest('one'): assert 0"),
    ),
    "a changed report of tearDown": (
        CHANGED,
        CASE.format(case="TestCase", body="def test_a(self): pass\n    def tearDown(self): assert 0"),
    ),
    "a call that runs nothing": ("def pytest_pyfunc_call(): return True\n", FAILS),
    "a call that swallows": (SWALLOWING.format(hook="pytest_pyfunc_call"), FAILS),
    "a wrapper that swallows": (SWALLOWING.format(hook="pytest_runtest_call"), FAILS),
    "a setup that swallows": (
        SWALLOWING.format(hook="pytest_runtest_setup"),
        "import pytest\n" + AUTOUSE.format("assert 0, 'no certificate'") + f"{GATE}def test_a(): pass\n",
    ),
    "a teardown that swallows": (
        SWALLOWING.format(hook="pytest_runtest_teardown"),
        "import pytest\n" + AUTOUSE.format("yield; assert 0, 'still open'") + f"{GATE}def test_a(): pass\n",
    ),
    "a function in its place": (
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n        if item.name == 'test_a': item.obj = lambda: None\n",
        FAILS,
    ),
    "a function around it": (
        "def tolerant(test):\n"
        "    def run():\n"
        "        try: test()\n"
        "        except AssertionError: pass\n"
        "    return run\n"
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n        if item.name == 'test_a': item.obj = tolerant(item.obj)\n",
        FAILS,
    ),
    "a report out of nothing": (
        "import pytest\n"
        "def pytest_runtest_protocol(item):\n"
        "    if item.name != 'test_a': return None\n"
        "    for when in ('setup', 'call', 'teardown'):\n"
        "        item.ihook.pytest_runtest_logreport(report=pytest.TestReport(\n"
        "            item.nodeid, item.location, {}, 'passed', None, when, (), 0, 0, 0, item.user_properties))\n"
        "    return True\n",
        FAILS,
    ),
}


@pytest.mark.parametrize("case", HIDING)
def test_a_hook_that_hides_what_a_gate_does_makes_it_no_better(rehearse: Rehearse, case: str) -> None:
    """The hook is in a folder below, whose conftest.py is read last."""
    conftest, text = HIDING[case]
    run = rehearse("-m", "gates", files={"below/conftest.py": conftest, "below/test_mine.py": text})
    assert run.exit_status == 1, run.output
    assert run.verdict["verdict"] == "NO-GO"
    assert run.gate("certificates")["outcome"] in ("fail", "inconclusive")


def test_a_worker_tells_that_a_body_was_not_run(rehearse: Rehearse) -> None:
    conftest, text = HIDING["a call that runs nothing"]
    run = rehearse("-n", "1", "-m", "gates", files={"conftest.py": conftest, "test_mine.py": text})
    assert run.exit_status == 1, run.output
    assert run.gate("certificates")["reason"].endswith("was reported as passed, and its body was not run to its end")


FIXTURE_FAILS = f"import pytest\n@pytest.fixture{{scope}}\ndef sound():\n    {{body}}\n{GATE}def test_a(sound): pass\n"
HIDES_A_FIXTURE = {
    "a wrapper": "@pytest.hookimpl(wrapper=True)\n"
    "def pytest_fixture_setup(fixturedef, request):\n"
    "    try: return (yield)\n"
    "    except BaseException: return None\n",
    "an old wrapper": "@pytest.hookimpl(hookwrapper=True)\n"
    "def pytest_fixture_setup(fixturedef, request):\n"
    "    outcome = yield\n    outcome.force_result(None)\n",
    "a value from a hook": "@pytest.hookimpl(tryfirst=True)\n"
    "def pytest_fixture_setup(fixturedef, request):\n"
    "    if fixturedef.argname != 'sound': return None\n"
    "    fixturedef.cached_result = (None, fixturedef.cache_key(request), None)\n"
    "    return 1\n",
    "a function around it": "@pytest.hookimpl(wrapper=True)\n"
    "def pytest_fixture_setup(fixturedef):\n"
    "    function = fixturedef.func\n"
    "    def tolerant():\n"
    "        try: return function()\n"
    "        except AssertionError: return None\n"
    "    if fixturedef.argname == 'sound': fixturedef.func = tolerant\n"
    "    return (yield)\n",
}


PLAIN, YIELDING = "assert 0, 'out of date'", "assert 0, 'out of date'; yield"
HIDDEN = [(case, PLAIN) for case in HIDES_A_FIXTURE] + [("a wrapper", YIELDING), ("a value from a hook", YIELDING)]


@pytest.mark.parametrize(("case", "body"), HIDDEN)
def test_a_hook_that_hides_what_a_fixture_does_makes_no_gate_better(rehearse: Rehearse, case: str, body: str) -> None:
    conftest = "import pytest\n" + HIDES_A_FIXTURE[case]
    text = FIXTURE_FAILS.format(scope="", body=body)
    run = rehearse("-m", "gates", files={"below/conftest.py": conftest, "below/test_mine.py": text})
    assert run.exit_status == 1, run.output
    assert run.gate("certificates")["outcome"] == "inconclusive"
    reason = run.gate("certificates")["reason"]
    if case == "a value from a hook":
        assert reason.endswith("its fixture sound was set up, and the function of the fixture was not run to its end")
    else:
        assert reason.endswith("its fixture sound raised AssertionError (out of date), and a hook hid that")


SETUPS = {
    "setup_method": "import pytest\nclass TestA:\n    def setup_method(self): assert 0\n"
    f"    {GATE}    def test_a(self): pass\n",
    "setup_module": f"import pytest\ndef setup_module(): assert 0\n{GATE}def test_a(): pass\n",
    "setUpClass": CASE.format(
        case="TestCase", body="def test_a(self): pass\n    @classmethod\n    def setUpClass(cls): assert 0"
    ),
    "a fixture of a fixture": "import pytest\n@pytest.fixture(scope='module')\ndef inner(): assert 0\n"
    f"@pytest.fixture\ndef outer(inner): return inner\n{GATE}def test_a(outer): pass\n",
}


@pytest.mark.parametrize("case", SETUPS)
def test_a_hook_that_hides_a_failed_setup_makes_no_gate_better(rehearse: Rehearse, case: str) -> None:
    files = {"conftest.py": "import pytest\n" + HIDES_A_FIXTURE["a wrapper"], "test_mine.py": SETUPS[case]}
    run = rehearse("-m", "gates", files=files)
    assert run.exit_status == 1, run.output
    assert run.gate("certificates")["outcome"] == "inconclusive"


SHARED = (
    "import pytest\n"
    "@pytest.fixture(scope='session')\ndef sound(): assert 0\n"
    "@pytest.fixture(scope='session')\ndef outer(request): request.getfixturevalue('sound')\n"
    "def test_first(outer): pass\n"
    "@pytest.mark.gate(name='{name}')\ndef test_{name}({argument}): {body}\n"
)
USES = {
    "argument": ("sound", "pass"),
    "mark": ("", "pass"),
    "body": ("request", "request.getfixturevalue('sound')"),
    "within": ("outer", "pass"),
}


@pytest.mark.parametrize("use", USES)
def test_a_hidden_failure_of_a_shared_fixture_counts_for_every_gate_that_uses_it(rehearse: Rehearse, use: str) -> None:
    """The hook has put a value in the place of the exception, and pytest gives that to all tests."""
    argument, body = USES[use]
    text = SHARED.format(name="mine", argument=argument, body=body)
    if use == "mark":
        text = text.replace("def test_mine", "@pytest.mark.usefixtures('sound')\ndef test_mine")
    conftest = "import pytest\n" + HIDES_A_FIXTURE["a value from a hook"]
    run = rehearse("-m", "gates or not gates", files={"conftest.py": conftest, "test_mine.py": text})
    assert run.exit_status == 1, run.output
    assert run.gate("mine")["outcome"] == "inconclusive"


REAL_FIXTURES = {
    "a failure that the test expects": (
        "",
        "@pytest.fixture\ndef broken(): assert 0\n"
        f"{GATE}def test_a(request):\n    with pytest.raises(AssertionError): request.getfixturevalue('broken')\n",
    ),
    "a generator": (
        "",
        f"@pytest.fixture\ndef one():\n    yield 1\n{GATE}def test_a(one): assert one == 1\n",
    ),
    "a method": (
        "",
        "class TestA:\n"
        "    @pytest.fixture\n    def me(self): return self\n"
        "    @pytest.fixture(scope='class')\n    @classmethod\n    def kind(cls): return cls\n"
        f"    {GATE}    def test_a(self, me, kind): assert me is self and kind is type(self)\n",
    ),
    "a parameter": (
        "",
        "@pytest.fixture(params=[1, 2], scope='module')\ndef number(request): return request.param\n"
        f"{GATE}@pytest.mark.parametrize('other', [3])\ndef test_a(number, other): assert number < other\n",
    ),
    "coroutines that a hook awaits": (
        "import asyncio, inspect\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_fixture_setup(fixturedef):\n"
        "    function = fixturedef.func\n"
        "    if inspect.iscoroutinefunction(function): fixturedef.func = lambda: asyncio.run(function())\n"
        "    if inspect.isasyncgenfunction(function): fixturedef.func = lambda: asyncio.run(anext(function()))\n"
        "    yield\n",
        "@pytest.fixture\nasync def one(): return 1\n"
        "@pytest.fixture\nasync def two(): yield 2\n"
        f"{GATE}def test_a(one, two): assert (one, two) == (1, 2)\n",
    ),
}


@pytest.mark.parametrize("case", REAL_FIXTURES)
def test_a_gate_whose_fixtures_are_real_passes(rehearse: Rehearse, case: str) -> None:
    conftest, text = REAL_FIXTURES[case]
    files = {"conftest.py": "import pytest\n" + conftest, "test_mine.py": "import pytest\n" + text}
    run = rehearse("-m", "gates", "-W", "ignore", files=files)
    assert run.exit_status == 0, run.output


JUDGED_ALL_THE_SAME = {
    "a method": f"import pytest\nclass TestA:\n    {GATE}    def test_a(self): pass\n",
    "cases": f"import pytest\n{GATE}@pytest.mark.parametrize('n', [1, 2])\ndef test_a(n): pass\n",
    "subtests": f"import pytest\n{GATE}def test_a(subtests):\n    with subtests.test('one'): pass\n",
    "subTest": CASE.format(case="TestCase", body="def test_a(self):\n        with self.subTest('one'): pass"),
    "a fixture that looks at it": (
        "import pytest\n@pytest.fixture\ndef looks(request):\n"
        "    assert request.function.__name__ == 'test_a' and request.function.__doc__ == 'Doc.'\n"
        f"{GATE}def test_a(looks): 'Doc.'\n"
    ),
}


@pytest.mark.parametrize("case", JUDGED_ALL_THE_SAME)
def test_a_gate_that_is_run_to_its_end_passes(rehearse: Rehearse, case: str) -> None:
    run = rehearse("-m", "gates", files={"test_mine.py": JUDGED_ALL_THE_SAME[case]})
    assert run.exit_status == 0, run.output


def test_an_item_without_a_function_is_judged_by_its_own_method(rehearse: Rehearse) -> None:
    conftest = (
        "import pytest\n"
        "class Row(pytest.Item):\n"
        "    def runtest(self): assert self.name == 'good', 'bad row'\n"
        "class Rows(pytest.File):\n"
        "    def collect(self):\n"
        "        for name in self.path.read_text().split():\n"
        "            row = Row.from_parent(self, name=name)\n"
        "            row.add_marker(pytest.mark.gate(name=name))\n"
        "            yield row\n"
        "def pytest_collect_file(file_path, parent):\n"
        "    return Rows.from_parent(parent, path=file_path) if file_path.suffix == '.rows' else None\n"
    )
    run = rehearse("-m", "gates", files={"conftest.py": conftest, "mine.rows": "good poor"})
    assert run.exit_status == 1, run.output
    assert (run.gate("good")["outcome"], run.gate("poor")["outcome"]) == ("pass", "fail")
