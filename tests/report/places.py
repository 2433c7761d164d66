"""Every place at which a run shows the outcome of a line or of a gate, read back from what it left."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from pytest_examday.suites.exam.lines.integrity import CHECKS
from pytest_examday.suites.exam.suite import SUITE as EXAM
from tests.report.judged_run import JudgedRun

_STATES = {"PASS": "pass", "FAIL": "fail", "INCONCLUSIVE": "inconclusive"}
_WORDS = {"NO-GO": "fail", "INCONCLUSIVE": "inconclusive"}
_LINE_ISSUE = re.compile(r"^(?P<words>.*?) \((?P<state>FAIL|INCONCLUSIVE)(?:, for information)?\): (?P<reason>.*)$")
_GATE_ISSUE = re.compile(r"^gate (?P<name>\S+) \((?P<state>FAIL|INCONCLUSIVE)\): (?P<reason>.*)$")
_GATE_ROW = re.compile(r"^\| (?P<title>.*) \((?P<name>[\w:-]+)\) \| (?P<state>[A-Z ]+) \| (?P<reason>.*) \|$")
_LINE_ROW = re.compile(
    r"^\| \d+ \| (?P<words>.*) \((?P<key>[\w-]+)\) \| (?P<state>[A-Z ]+) \| (?P<reason>.*) \| (?P<gates>[^|]*) \|$"
)
_BLOCKER = re.compile(r"^- (?P<title>.*?) \((?P<state>FAIL|INCONCLUSIVE)\): (?P<reason>.*)$")
_INFORMATION = re.compile(r"^- (?P<words>.*?) \((?P<state>FAIL|INCONCLUSIVE), counts for no gate\): (?P<reason>.*)$")
_BOARD = re.compile(r"^  (?P<state>PASS|FAIL|INCONCLUSIVE) +(?P<name>\S+) +(?P<reason>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """What one place says; `reason` is None if the place gives none."""

    outcome: str
    reason: str | None = None


@dataclass(frozen=True)
class Box:
    """One check box of the document: what stands before it, under which heading, and the lines that it tells of.

    `form` is `tick` for a single box, else the two words of a pair, the one first that is good.
    """

    heading: str
    label: str
    keys: tuple[str, ...]
    form: tuple[str, str] | None = None


def _drill_box(letter: str, label: str, key: str) -> Box:
    heading = {"A": "A) Redis Failure", "B": "B) Backend Worker Restart"}[letter]
    return Box(heading, label, (key,))


_VERIFIED = tuple(line.key for line in EXAM.lines if line.needs == ("integrity_after",))
_DEGRADED = tuple(
    line.key
    for line in EXAM.lines
    if line.phase == 3 and line.key.startswith("redis-") and line.gates == ("failures-handled",)
    if line.needs == ("drill_redis_outage",)
)
BOXES = (
    Box("EXAM_MODE Verification", "No cron jobs running", ("no-cron-jobs-running",)),
    Box("EXAM_MODE Verification", "No scheduled tasks active", ("scheduled-tasks-are-skipped",)),
    Box("EXAM_MODE Verification", "Heavy analytics disabled", ("heavy-analytics-are-disabled",)),
    Box("EXAM_MODE Verification", "`/health` accessible", ("health-is-accessible",)),
    Box("EXAM_MODE Verification", "`/v1/ready` accessible", ("ready-is-accessible",)),
    Box("EXAM_MODE Verification", "Session creation works", ("session-creation-works",)),
    Box("EXAM_MODE Verification", "Answer submission works", ("answer-submission-works",)),
    Box("Database Connection Pool", "Pool exhaustion", ("pool-was-not-exhausted",), ("No", "Yes")),
    Box("Redis Status", "Degradation handled", _DEGRADED, ("Yes", "No")),
    _drill_box("A", "Rate limits temporarily bypassed", "redis-outage-rate-limits-are-bypassed"),
    _drill_box("A", "Auth still works", "redis-outage-auth-still-works"),
    _drill_box("A", "No request crashes", "redis-outage-no-request-crashes"),
    _drill_box("A", "Warnings logged", "redis-outage-warnings-are-logged"),
    _drill_box("B", "Other workers serve traffic", "worker-loss-others-serve-traffic"),
    _drill_box("B", "No lost answers", "worker-loss-no-lost-answers"),
    _drill_box("B", "Clients retry safely", "worker-loss-clients-retry-safely"),
    Box("Frontend Checks", "No spinner hangs", ()),
    Box("Frontend Checks", "Graceful error messages on retries", ()),
    Box("Frontend Checks", "Resume works after refresh", ("resume-works-after-refresh",)),
    Box("Frontend Checks", "Timer behaves correctly", ("timer-behaves-correctly",)),
    Box("Auth Checks", "Token refresh does not interrupt session", ("token-refresh-does-not-interrupt-session",)),
    Box(
        "Auth Checks",
        "Logout does not delete active attempt state",
        ("logout-does-not-delete-active-attempt-state",),
    ),
    Box("Metrics Captured", "Request ID Traceability", ("request-id-traceability",), ("Yes", "No")),
    Box("Full Backend Restart", "Health endpoint", ("health-is-restored",)),
    Box("Full Backend Restart", "Ready endpoint", ("ready-is-restored",)),
    Box("Full Backend Restart", "Session creation", ("session-creation-is-restored",)),
    Box("Full Backend Restart", "Answer submission", ("answer-submission-is-restored",)),
    Box("Full Backend Restart", "Session submit", ("session-submit-is-restored",)),
    Box("Full Backend Restart", "Data Consistency", _VERIFIED, ("Verified", "Issues found")),
)
"""Every box of the report template (source document 000) but those of gates and of the verdict. What needs a browser
has no line."""
FIGURES = {name.replace("_", "-"): f"**{check.label}**: " for name, check in CHECKS.items()}
"""Fields of phase 4 that show a count without a box: key of the line -> what stands before the count."""


class Places:
    """What a run left, by place."""

    def __init__(self, run: JudgedRun) -> None:
        self._run = run
        self.verdict = run.verdict
        self._page = _Page.of(run.read("report.html"))
        self._document = _plain(run.read("report.md"))
        self._issues = [issue for block in _issue_blocks(self._document) for issue in block]

    def of_line(self, key: str) -> dict[str, Said | None]:
        """Place -> what it says of a line of the exam; None if it should and does not speak of it."""
        line = EXAM.line_by_key[key]
        nodeid = f"examday::exam::phase{line.phase}::{line.test}"
        record = next((one for one in self.verdict["lines"] if one["key"] == key), None)
        check = next((one for one in self.verdict["tests"] if one["line"] == f"exam:{key}"), None)
        said = {
            "test": _of_test(self._run.tests, nodeid),
            "verdict.json, lines": record and Said(record["outcome"], record["reason"]),
            "verdict.json, checks": check and _of_message(check["outcome"] == "passed", check["message"]),
            "report.html, lines": self._page.lines.get(key),
            "report.html, tests": self._page.tests.get(nodeid),
        }
        if record is not None:
            said["report.md, issues"] = self._issue(record["words"])
            said["report.md, all lines"] = self._first("All Lines", _LINE_ROW, "key", key)
        if record is not None and not line.gates:
            said["report.md, information"] = self._information(record["words"])
        return said

    def of_gate(self, name: str) -> dict[str, Said | None]:
        """Place -> what it says of a gate of the exam."""
        gate = EXAM.gate_by_name[name]
        nodeid = f"examday::exam::gates::{gate.test}"
        result = next((one for one in self.verdict["gates"] if one["name"] == name), None)
        title = result["title"] if result else name
        said = {
            "test": _of_test(self._run.tests, nodeid),
            "verdict.json, gates": result and Said(result["outcome"], result["reason"]),
            "report.html, board": self._page.gates.get(name),
            "report.html, tests": self._page.tests.get(nodeid),
            "terminal": _matched(_BOARD, self._run.terminal, "name", name),
            "report.md, all gates": self._first("All Gates", _GATE_ROW, "name", name),
            "report.md, blockers": self._first("Blockers", _BLOCKER, "title", title) or Said("pass"),
            "report.md, issues": _found(self._issues, _GATE_ISSUE, "name", name) or Said("pass"),
            "report.md, key findings": self._finding(title),
        }
        if gate.hard:
            said["report.md, hard gates"] = self._hard_gate(title)
        return said

    def of_box(self, box: Box) -> Said | None:
        """What a box says: `pass` if it is ticked as good, `fail` if the other of a pair is ticked."""
        for line in self._section(box.heading):
            if (found := _read_box(box, line)) is not None:
                return found
        return None

    def words(self) -> dict[str, str]:
        """Place -> the word of the verdict."""
        status = re.findall(r"\*\*Status\*\*: \[(.)\] GO  \[(.)\] NO-GO", self._document)
        board = re.search(r"VERDICT: (NO-GO|GO)", self._run.terminal)
        return {
            "verdict.json": self.verdict["verdict"],
            "exit status": "GO" if self._run.exit_status == 0 else "NO-GO",
            "report.html": self._page.word,
            "terminal": board.group(1) if board else "none",
            **{f"report.md, status {at}": "GO" if one == ("x", " ") else "NO-GO" for at, one in enumerate(status)},
        }

    def figure(self, before: str) -> str:
        """The field of the document that begins with these words, down to what is expected of it."""
        return self._document.split(before, 1)[1].split(" (Expected: 0)", 1)[0]

    def unread_boxes(self) -> list[str]:
        """Boxes of the document that no entry of `BOXES`, no hard gate and no verdict accounts for."""
        known = {line for box in BOXES for line in self._section(box.heading) if _read_box(box, line) is not None}
        known |= set(self._section("Hard Gates"))
        boxes = [line for line in self._document.splitlines() if re.search(r"\[[ x]\] ", line)]
        return [line for line in boxes if line not in known and not line.startswith("**Status**")]

    def _issue(self, words: str) -> Said:
        found = [match for issue in self._issues if (match := _LINE_ISSUE.match(issue))]
        said = {(one["state"], one["reason"]) for one in found if words in one["words"].split("; ")}
        if not said:
            return Said("pass")
        if len(said) > 1:
            return Said("told in two ways")
        state, reason = said.pop()
        return Said(_STATES[state], reason)

    def _information(self, words: str) -> Said:
        return _found(self._section("For Information"), _INFORMATION, "words", words) or Said("pass")

    def _first(self, heading: str, pattern: re.Pattern[str], group: str, wanted: str) -> Said | None:
        return _found(self._section(heading), pattern, group, wanted)

    def _finding(self, title: str) -> Said:
        for line in self._document.split("**Key Findings**:", 1)[1].split("\n#", 1)[0].splitlines():
            state, _, rest = line.removeprefix("- ").partition(": ")
            if state in _STATES and title in rest.split(": ")[0].split("; "):
                return Said(_STATES[state], rest.partition(": ")[2])
        return Said("pass")

    def _hard_gate(self, title: str) -> Said | None:
        for line in self._section("Hard Gates"):
            for mark in "x ":
                if line.startswith(f"- [{mark}] {title} ("):
                    state, _, reason = line.split(f"{title} (", 1)[1].removesuffix(")").partition(": ")
                    ticked = mark == "x"
                    return Said(_STATES[state] if ticked == (state == "PASS") else "ticked wrongly", reason)
        return None

    def _section(self, heading: str) -> list[str]:
        """The lines under a heading, down to the next one of any level."""
        found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", self._document, re.MULTILINE | re.DOTALL)
        return found.group(1).splitlines() if found else []


def _plain(document: str) -> str:
    """The document as a reader sees it: without what keeps text from being taken for markup."""
    return html.unescape(re.sub(r"\\([\\`*\[\]|#>+_.)\d-])", r"\1", document))


def _issue_blocks(document: str) -> Iterator[list[str]]:
    for block in document.split("**Issues Found**:")[1:]:
        first, *rest = block.splitlines()
        if first.strip():
            yield [first.strip()]
        else:
            bullets = [line for line in rest[1:] if line or not rest]
            yield [line.removeprefix("- ") for line in _until_gap(bullets)]


def _until_gap(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("- "):
            return
        yield line


def _found(lines: list[str], pattern: re.Pattern[str], group: str, wanted: str) -> Said | None:
    for line in lines:
        if (match := pattern.match(line)) and match[group] == wanted:
            return Said(_STATES[match["state"]], match["reason"])
    return None


def _matched(pattern: re.Pattern[str], text: str, group: str, wanted: str) -> Said | None:
    for match in pattern.finditer(text):
        if match[group] == wanted:
            return Said(_STATES[match["state"]], match["reason"])
    return None


def _read_box(box: Box, line: str) -> Said | None:
    if box.form is None:
        found = re.fullmatch(rf"- \[(.)\] {re.escape(box.label)}(?: \((.*)\))?", line)
        return found and Said("pass" if found[1] == "x" else "no pass", found[2] or "")
    pair = r"\[(.)\] ([A-Z][a-z ]*?)  \[(.)\] ([A-Z][a-z ]*?)(?: \((.*)\))?"
    found = re.fullmatch(rf"(?:- |\*\*){re.escape(box.label)}(?:\*\*)?: {pair}", line)
    if found is None:
        return None
    ticked = {found[2]: found[1] == "x", found[4]: found[3] == "x"}
    good, bad = box.form
    outcome = {(True, False): "pass", (False, True): "fail", (False, False): "inconclusive"}
    return Said(outcome.get((ticked[good], ticked[bad]), "both ticked"), found[5] or "")


def _of_test(tests: Mapping[str, str | None], nodeid: str) -> Said | None:
    if nodeid not in tests:
        return None
    return _of_message(tests[nodeid] is None, tests[nodeid] or "")


def _of_message(passed: bool, message: str) -> Said:
    """A failed test begins its message with a word for the outcome."""
    if passed:
        return Said("pass")
    word, _, reason = message.partition(": ")
    return Said(_WORDS.get(word, f"failed with {word!r}"), reason)


@dataclass
class _Page:
    """`report.html`."""

    lines: dict[str, Said]
    gates: dict[str, Said]
    tests: dict[str, Said]
    word: str

    @classmethod
    def of(cls, text: str) -> "_Page":
        reader = _Rows()
        reader.feed(text)
        return cls(reader.rows["data-line"], reader.rows["data-gate"], _tests(reader.tests), reader.word.strip())


def _tests(blob: Mapping[str, Any]) -> dict[str, Said]:
    """The rows of pytest-html's own table."""
    rows = {row["testId"]: row for rows in blob.values() for row in rows}
    return {nodeid: _of_message(row["result"] == "Passed", html.unescape(row["log"])) for nodeid, row in rows.items()}


@dataclass
class _Row:
    """A row of a board while it is read."""

    kind: str
    name: str
    outcome: str
    cells: list[str] = field(default_factory=list)


class _Rows(HTMLParser):
    """Reads the boards of the page, its verdict, and the data of pytest-html's table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, dict[str, Said]] = {"data-line": {}, "data-gate": {}}
        self.tests: dict[str, Any] = {}
        self.word = ""
        self._row: _Row | None = None
        self._in_word = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("data-jsonblob"):
            self.tests = json.loads(str(given["data-jsonblob"]))["tests"]
        self._in_word = given.get("class") == "ed-word"
        kind = next((kind for kind in self.rows if kind in given), None)
        if tag == "tr" and kind is not None:
            self._row = _Row(kind, str(given[kind]), str(given["class"]).removeprefix("ed-"))
        elif tag in ("td", "th") and self._row is not None:
            self._row.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr" and self._row is not None:
            row, self._row = self._row, None
            agrees = _STATES.get(row.cells[0].strip()) == row.outcome
            outcome = row.outcome if agrees else "colour and word differ"
            self.rows[row.kind][row.name] = Said(outcome, row.cells[2].strip())

    def handle_data(self, data: str) -> None:
        if self._in_word:
            self.word += data
        if self._row is not None and self._row.cells:
            self._row.cells[-1] += data
