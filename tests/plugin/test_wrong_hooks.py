"""A hook that returns something else than it should, or raises, ends the run with one line that names the plugin, the
hook and what is valid."""

import pytest

from tests.plugin.conftest import Rehearse

KINDS = {"suites": "Suite", "activities": "Activity", "drills": "Drill", "gates": "Gate", "lines": "Line"}
RETURNED = {
    "[None]": "None_ as entry 1",
    "'load'": "str_",
    "(one for one in ())": "generator_",
    "{}": "dict_",
    "7": "int_",
    "[public.KIND]": "the class KIND as entry 1",
    "public.KIND": "the class KIND",
}


def _conftest(hook: str, body: str) -> str:
    suite = "" if hook == "suites" else "suite"
    return f"from pytest_examday import public\ndef pytest_examday_{hook}({suite}):\n    {body}\n"


def _told_in_one_line(output: str) -> None:
    assert "Traceback" not in output
    assert "INTERNALERROR" not in output


def test_an_argument_that_a_hook_does_not_have_is_named(rehearse: Rehearse) -> None:
    run = rehearse(files={"conftest.py": "def pytest_examday_lines(suit):\n    return []\n"})
    assert run.exit_status == 4, run.output
    assert "conftest.py' for hook 'pytest_examday_lines'" in run.output
    assert "Argument(s) {'suit'} are declared in the hookimpl but can not be found" in run.output
    _told_in_one_line(run.output)


@pytest.mark.parametrize(
    ("hook", "value"),
    [*(("lines", value) for value in RETURNED), *((hook, "[public.KIND]") for hook in KINDS if hook != "lines")],
)
def test_what_is_no_list_of_its_kind_is_refused(rehearse: Rehearse, hook: str, value: str) -> None:
    kind = KINDS[hook]
    run = rehearse(files={"conftest.py": _conftest(hook, f"return {value.replace('KIND', kind)}")})
    assert run.exit_status == 4, run.output
    words = RETURNED[value].replace("KIND", kind)
    what = words if words.startswith("the class") else _typed(words)
    place = f"conftest.py: pytest_examday_{hook} returned {what}; return a list or tuple of {kind} objects"
    assert place in run.output
    _told_in_one_line(run.output)


def _typed(words: str) -> str:
    name, rest = words.split("_")
    return f"an object of type {'NoneType' if name == 'None' else name}{rest}"


@pytest.mark.parametrize("hook", KINDS)
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return 1 / 0", "raised ZeroDivisionError: division by zero"),
        ("raise SystemExit(0)", "raised SystemExit: 0"),
        ("import pytest; pytest.skip('not today')", "raised Skipped: not today"),
        ("return [public.KIND()]", "raised TypeError: "),
    ],
)
def test_what_it_raises_is_told(rehearse: Rehearse, hook: str, body: str, told: str) -> None:
    run = rehearse(files={"conftest.py": _conftest(hook, body.replace("KIND", KINDS[hook]))})
    assert run.exit_status == 4, run.output
    assert f"conftest.py: pytest_examday_{hook} {told}" in run.output
    _told_in_one_line(run.output)


@pytest.mark.parametrize("hook", KINDS)
def test_none_adds_nothing(rehearse: Rehearse, hook: str) -> None:
    run = rehearse("-m", "gates and exam", files={"conftest.py": _conftest(hook, "return None")})
    assert run.exit_status == 0, run.output


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Line('mine', 'Mine', 1, 'load', judge)", "line mine: needs is 'load'; write a tuple of names"),
        ("Line('mine', 'Mine', 1, (), judge, 'db-pool')", "line mine: gates is 'db-pool'; write a tuple of names"),
        ("Line(None, 'Mine', 1, (), judge)", "line None: write lower-case letters"),
    ],
)
def test_a_line_with_a_field_of_the_wrong_type_is_refused(rehearse: Rehearse, line: str, told: str) -> None:
    judge = "def judge(measured, findings):\n    findings.add_fact('told')\n"
    conftest = f"from pytest_examday.public import Line\n{judge}def pytest_examday_lines(suite):\n    return [{line}]\n"
    run = rehearse(files={"conftest.py": conftest})
    assert run.exit_status == 4, run.output
    assert "suite exam" in run.output
    assert told in run.output
    _told_in_one_line(run.output)


BROKEN_SUITE = """
from dataclasses import replace
from pytest_examday.public import Activity, Gate, Line, Record, Suite
class Nothing(Record):
    pass
def broken(*arguments):
    raise ValueError("boom")
def tell(measured, findings):
    findings.add_fact("told")
ACTIVITY = Activity("look", 1, Nothing, lambda target: Nothing(), "read", "a look", runs_after=())
LINE = Line("mine", "Mine", 1, ("look",), tell, ("mine",))
GATE = Gate("mine", "All is mine", 1)
def pytest_examday_suites():
    suite = Suite("own", "Own", {{1: "All"}}, (ACTIVITY,), (LINE,), (GATE,), "clerk", "the count")
    return [replace(suite, {change})]
"""
SHOP = {"examday.toml": '[env.shop]\napi_url = "http://127.0.0.1:9"\n'}
OWN = ("--env", "shop", "--examday-suite", "own")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("lacks=lambda environment: False", "suite own: lacks returned False; return a text, or None"),
        ("lacks=broken", "suite own: lacks raised ValueError: boom"),
        ("activities=(replace(ACTIVITY, runs_in=broken),)", "activity look: runs_in raised ValueError: boom"),
        (
            "lines=[LINE, None]",
            "conftest.py: pytest_examday_suites: suite own: lines has to be a tuple of Line objects",
        ),
        ("phases=[1]", "suite own: phases is [1]; write a dict of whole numbers and texts"),
        ("wording=['x']", "suite own: wording is ['x']; write a dict of texts and texts"),
        ("title=None", "suite own: title is None; write a text"),
        (
            "activities=(replace(ACTIVITY, runs_after=('look',)),)",
            "suite own, activity look: `runs_after` leads back to the activity itself",
        ),
        ("gates=(replace(GATE, needs='look'),)", "gate mine: needs is 'look'; write a tuple of names"),
    ],
)
def test_a_broken_suite_is_refused(rehearse: Rehearse, change: str, told: str) -> None:
    run = rehearse(*OWN, files={**SHOP, "conftest.py": BROKEN_SUITE.format(change=change)}, env=None)
    assert run.exit_status == 4, run.output
    assert told in run.output
    _told_in_one_line(run.output)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("lines=(replace(LINE, words=broken),)", "mine: its words could not be written: ValueError: boom"),
        (
            "lines=(replace(LINE, words=lambda limits: None),)",
            "its words could not be written: they are no text but None",
        ),
        ("lines=(replace(LINE, words=7),)", "its words could not be written: TypeError"),
        ("gates=(replace(GATE, words=broken),)", "its words could not be written: ValueError: boom"),
        ("lines=(replace(LINE, judge=None),)", "the judge of mine crashed: TypeError"),
        ("lines=(replace(LINE, judge=lambda m, f: f.facts.append(3) or False),)", "the judge of mine returned False"),
    ],
)
def test_what_crashes_while_it_is_judged_is_inconclusive_and_reported(
    rehearse: Rehearse, change: str, reason: str
) -> None:
    files = {**SHOP, "conftest.py": BROKEN_SUITE.format(change=change)}
    run = rehearse(*OWN, files=files, env=None)
    assert run.exit_status == 1, run.output
    (gate,) = run.verdict["gates"]
    assert (run.verdict["verdict"], gate["outcome"]) == ("NO-GO", "inconclusive")
    assert reason in gate["reason"]
    assert reason in (run.folder / "rehearsals/latest/report.md").read_text()
    assert (run.folder / "rehearsals/latest/report.html").exists()
    _told_in_one_line(run.output)


@pytest.mark.parametrize(
    ("change", "report", "told"),
    [
        ("document=broken", "report.md", "own document could not be written: ValueError: boom"),
        (
            "document=lambda view: None",
            "report.md",
            "own document could not be written: it returned no text but NoneType",
        ),
        ("pictures=broken", "report.html", "Suite own could not draw its pictures: ValueError: boom"),
        ("pictures=lambda view: ['a']", "report.html", "Suite own drew no pictures but"),
    ],
)
def test_a_report_that_a_suite_cannot_write_is_written_all_the_same(
    rehearse: Rehearse, change: str, report: str, told: str
) -> None:
    run = rehearse(*OWN, files={**SHOP, "conftest.py": BROKEN_SUITE.format(change=change)}, env=None)
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"
    for name in ("report.md", "report.html", "manifest.json"):
        assert (run.folder / "rehearsals/latest" / name).exists(), name
    assert told in (run.folder / "rehearsals/latest" / report).read_text()
    _told_in_one_line(run.output)


def test_harm_that_a_suite_cannot_tell_is_not_measured(rehearse: Rehearse) -> None:
    run = rehearse(*OWN, files={**SHOP, "conftest.py": BROKEN_SUITE.format(change="unmeasured_harm=broken")}, env=None)
    assert run.exit_status == 0, run.output
    assert (run.folder / "rehearsals/latest/report.html").exists()
    _told_in_one_line(run.output)


_LINE = (
    "public.Line('mine', 'Mine', {phase}, ('load',), lambda measured, findings: findings.add_fact('seen'), "
    "('error-rate',))"
)
_GATE = "public.Gate('mine', 'Mine', {phase}, hard={hard})"


@pytest.mark.parametrize(
    ("hook", "value", "told"),
    [
        ("lines", _LINE.format(phase="[1]"), "pytest_examday_lines, entry 1: phase is [1]; write a whole number"),
        ("lines", _LINE.format(phase="'2'"), "pytest_examday_lines, entry 1: phase is '2'; write a whole number"),
        ("gates", _GATE.format(phase="[2]", hard=True), "pytest_examday_gates, entry 1: phase is [2]; write a whole"),
        ("gates", _GATE.format(phase=2, hard="'no'"), "pytest_examday_gates, entry 1: hard is 'no'; write a bool"),
        (
            "activities",
            "public.Activity('own', '2', public.Record, print, 'read', 'own')",
            "pytest_examday_activities, entry 1: phase is '2'; write a whole number",
        ),
    ],
)
def test_a_field_of_a_wrong_type_is_named(rehearse: Rehearse, hook: str, value: str, told: str) -> None:
    run = rehearse(files={"conftest.py": _conftest(hook, f"return [{value}]")})
    assert run.exit_status == 4, run.output
    assert told in run.output
    _told_in_one_line(run.output)


def test_a_wrapper_without_anything_to_wrap_is_refused(rehearse: Rehearse) -> None:
    wrapper = "import pytest\n@pytest.hookimpl(wrapper=True)\ndef pytest_examday_lines(suite):\n    return (yield)\n"
    run = rehearse(files={"conftest.py": wrapper})
    assert run.exit_status == 4, run.output
    assert "conftest.py: pytest_examday_lines is a hook wrapper, and there is nothing to wrap" in run.output
    _told_in_one_line(run.output)


def test_a_hook_in_a_folder_below_is_refused_as_too_late(rehearse: Rehearse) -> None:
    files = {
        "checks/conftest.py": _conftest("lines", "return []"),
        "checks/test_own.py": "def test_own():\n    pass\n",
    }
    run = rehearse(files=files)
    assert run.exit_status == 4, run.output
    assert "checks/conftest.py: pytest_examday_lines is read too late; move it into the conftest.py of " in run.output
    _told_in_one_line(run.output)


def test_a_judge_that_replaces_its_findings_leaves_the_line_open(rehearse: Rehearse) -> None:
    judge = "def judge(measured, findings):\n    findings.failures = None\n"
    line = "public.Line('mine', 'Mine', 2, ('load',), judge, ('error-rate',))"
    run = rehearse(
        "-m", "gates", files={"conftest.py": judge + _conftest("lines", f"return [{line}] * (suite == 'exam')")}
    )
    assert run.gate("error-rate")["outcome"] == "inconclusive"
    assert "the judge of mine replaced the lists of its findings" in run.gate("error-rate")["reason"]
