"""Runs pytest with random options that rule GO out, and counts the runs that say otherwise.

`python -m benchmarks.vary_options --runs 200 --seed 1`. No platform is started: each run judges planted evidence. In
one set-up an acknowledged answer is lost; in the others every gate of the suite passes, and a gate of the user's fails,
is skipped, has one bad case of two, is not collected, or is named in the configuration and exists nowhere. A run is
good if its status is not 0 and neither the terminal nor `verdict.json` says GO.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.report.samples import everything, integrity, lost, write_run

ROOT = Path(__file__).parents[1]
_SECONDS = 180.0
"""A run that takes longer hangs."""
_MARK = "import pytest\n@pytest.mark.gate(name='mine')\n"
_PLAIN = {
    "tests/test_plain.py": "def test_plain():\n    pass\n",
    ".pytest_cache/v/cache/lastfailed": '{"tests/test_plain.py::test_plain": true}',
}
SETUPS: Mapping[str, Mapping[str, str]] = {
    "an answer is lost": _PLAIN,
    "my gate fails": {**_PLAIN, "tests/test_mine.py": f"{_MARK}def test_mine():\n    assert 0\n"},
    "my gate is skipped": {**_PLAIN, "tests/test_mine.py": f"{_MARK}def test_mine():\n    pytest.skip('no')\n"},
    "one case of my gate fails": {
        **_PLAIN,
        "tests/test_mine.py": f"{_MARK}@pytest.mark.parametrize('n', [1, 2])\ndef test_mine(n):\n    assert n == 1\n",
    },
    "my gate is not collected": {**_PLAIN, "other/gates.py": f"{_MARK}def test_mine():\n    pass\n"},
    "my gate exists nowhere": {**_PLAIN, "examday.toml": '[env.local]\ngates = ["mine"]\n'},
}
"""Files of a project by what keeps its verdict from GO."""
_CHOICES: tuple[tuple[str, ...], ...] = (
    ("-k", "mine"),
    ("-k", "not mine"),
    ("-k", "plain"),
    ("-k", "gates"),
    ("-k", "not zero_data_loss"),
    ("-k", "2"),
    ("-x",),
    ("--maxfail=1",),
    ("--maxfail=3",),
    ("--lf",),
    ("--lf", "--lfnf=none"),
    ("--ff",),
    ("--nf",),
    ("--sw",),
    ("--sw", "--sw-skip"),
    ("--co",),
    ("--setup-only",),
    ("--setup-plan",),
    ("--fixtures",),
    ("--cache-clear",),
    ("-p", "no:terminal"),
    ("-p", "no:cacheprovider"),
    ("-p", "no:xdist"),
    ("-p", "no:html"),
    ("-p", "no:timeout"),
    ("-p", "no:skipping"),
    ("-p", "no:logging"),
    ("-p", "no:warnings"),
    ("-p", "no:stepwise"),
    ("-p", "no:unittest"),
    ("-p", "no:faulthandler"),
    ("-p", "no:junitxml"),
    ("-p", "no:randomly"),
    ("-n", "0"),
    ("-n", "1"),
    ("-n", "2"),
    ("-n", "2", "--dist", "loadfile"),
    ("-n", "2", "--dist", "worksteal"),
    ("-n", "1", "--dist", "each"),
    ("-n", "1", "--maxprocesses=1", "--max-worker-restart=0"),
    ("--dist", "no"),
    ("--deselect", "tests/test_mine.py::test_mine"),
    ("--deselect", "tests/test_mine.py::test_mine[2]"),
    ("--deselect", "examday::exam::gates"),
    ("--deselect", "examday::exam::gates::test_zero_data_loss"),
    ("--ignore=tests/test_mine.py",),
    ("--ignore=tests",),
    ("--ignore-glob=*mine*",),
    ("--ignore-glob=*examday*",),
    ("--noconftest",),
    ("--import-mode=importlib",),
    ("--import-mode=append",),
    ("--continue-on-collection-errors",),
    ("--keep-duplicates",),
    ("--collect-in-virtualenv",),
    ("--runxfail",),
    ("--strict-markers",),
    ("--tb=no", "-q", "-q"),
    ("-o", "addopts=tests"),
    ("-o", "addopts=-m plain"),
    ("-o", "addopts=--co"),
    ("-o", "addopts=-k plain"),
    ("-o", "testpaths=nowhere"),
    ("-o", "testpaths=tests/test_plain.py"),
    ("-o", "norecursedirs=tests"),
    ("-o", "python_files=none_*.py"),
    ("-o", "python_functions=check_*"),
    ("-o", "xfail_strict=true"),
    ("-o", "empty_parameter_set_mark=xfail"),
    ("--pyargs", "pytest_examday.suites"),
    ("--confcutdir=tests",),
    ("--exitfirst", "--capture=no"),
    ("--assert=plain",),
    ("--doctest-modules",),
    ("--junit-xml=out.xml",),
    ("--examday-suite=exam",),
)
"""Options that leave the question for a verdict as it is, alone and together."""
_EXPRESSIONS = ("gates", "gate", "gates and exam", "gates and not disruptive", "not plain", "gates or phase1")
_PATHS = ("tests", "tests/test_plain.py", "tests/test_mine.py", "other")


@dataclass(frozen=True)
class Ended:
    """One run that has ended. `said` tells whether it said NO-GO; `wrong` is None if it was good."""

    setup: str
    options: tuple[str, ...]
    status: int | None
    said: bool
    wrong: str | None


def options(dice: random.Random) -> tuple[str, ...]:
    """One to four options; paths only together with a mark expression that selects gates, without which pytest with
    paths asks for no verdict."""
    drawn = dice.sample(_CHOICES, dice.randint(1, 4))
    made = [word for option in drawn for word in option]
    if dice.random() < 0.6:
        made += ["-m", dice.choice(_EXPRESSIONS)]
        if dice.random() < 0.4:
            made.append(dice.choice(_PATHS))
    return tuple(made)


def judged(status: int | None, output: str, verdicts: list[str]) -> str | None:
    """What is wrong about a run that cannot be GO; None if nothing is."""
    if status is None:
        return "it hangs"
    if status == 0:
        return "it ended with status 0"
    if "VERDICT: GO" in output:
        return "it said GO"
    return "verdict.json says GO" if "GO" in verdicts else None


def run(setup: str, given: tuple[str, ...], earlier: Path, folder: Path) -> Ended:
    """Run pytest with these options in a folder of its own, which is removed if the run was good."""
    for name, text in SETUPS[setup].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "--env=local", f"--examday-evidence={earlier}", *given]
    known = {"PYTHONPATH": str(ROOT), **os.environ}
    try:
        ended = subprocess.run(
            command, cwd=folder, env=known, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        status, output = ended.returncode, ended.stdout + ended.stderr
    except subprocess.TimeoutExpired as hanging:
        status, output = None, str(hanging.stdout)
    told = [json.loads(path.read_text())["verdict"] for path in folder.glob("**/rehearsals/*/verdict.json")]
    wrong = judged(status, output, told)
    if wrong is None:
        shutil.rmtree(folder)
    else:
        (folder / "output.txt").write_text(output)
    return Ended(setup, given, status, "VERDICT: NO-GO" in output, wrong)


def main() -> int:
    """Run so many times; exit status 0 only if every run was good."""
    parser = argparse.ArgumentParser(description="Count runs that end with 0 or say GO where nothing may.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=2, help="runs at the same time")
    given = parser.parse_args()
    dice = random.Random(given.seed)
    folder = Path(tempfile.mkdtemp(prefix="examday-options-"))
    bad = write_run(folder / "lost", everything(integrity=integrity(lost())))
    good = write_run(folder / "good")
    drawn = [(tuple(SETUPS)[number % len(SETUPS)], options(dice)) for number in range(given.runs)]

    def one(number: int) -> Ended:
        setup, chosen = drawn[number]
        return run(setup, chosen, bad if setup == "an answer is lost" else good, folder / str(number))

    ended: list[Ended] = []
    with ThreadPoolExecutor(given.at_once) as pool:
        for number, result in enumerate(pool.map(one, range(given.runs))):
            ended.append(result)
            if (number + 1) % 10 == 0:
                print(f"{number + 1} runs have ended, {sum(one.said for one in ended)} said NO-GO", flush=True)
            if result.wrong is not None:
                print(f"WRONG, run {number}: {result.setup}: {result.wrong}: {' '.join(result.options)}", flush=True)
    wrong = sum(one.wrong is not None for one in ended)
    counts = Counter(str(one.status) for one in ended)
    statuses = ", ".join(f"{count} with status {status}" for status, count in sorted(counts.items()))
    said = sum(one.said for one in ended)
    print(f"seed {given.seed}: {len(ended)} runs, {wrong} of them wrong; {said} said NO-GO; {statuses}")
    if wrong:
        print(f"their folders are in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
