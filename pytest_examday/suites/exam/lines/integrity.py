"""Phase 4, and phase 7 once more after the recovery drill: compare what is stored with what was acknowledged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Line, WhenUnmeasured
from pytest_examday.core.measured import Measured
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.reconciliation import EVENT_HISTORY, Reconciliation, SqlCheck
from pytest_examday.suites.exam.evidence import IntegrityEvidence
from pytest_examday.suites.exam.gates import NO_CORRUPTED_SESSIONS, NO_DUPLICATE_SUBMITS, ZERO_DATA_LOSS

AFTER_RECOVERY_PREFIX = "data-consistency"
"""The beginning of the keys of the lines that are judged a second time, after the recovery drill."""

_Judge = Callable[[IntegrityEvidence, Findings], None]


@dataclass(frozen=True)
class _Statement:
    """A line of phase 4, which is judged once more after the recovery drill."""

    key: str
    words: str
    judge: _Judge
    gate: str
    when_unmeasured: WhenUnmeasured = "blocks"
    reason_of_gate: bool = False


class _CheckLine(NamedTuple):
    """An SQL check with a line of its own: the label of its count in the report, what its line states, its gate, and
    when the line counts."""

    label: str
    states: str
    gate: str
    when_unmeasured: WhenUnmeasured = "blocks"

    @property
    def words(self) -> str:
        """The words of its line."""
        return f"{self.label}: {self.states}"


CHECKS: dict[str, _CheckLine] = {
    "orphaned_answers": _CheckLine("Orphaned Answers", "every answer belongs to a session", NO_CORRUPTED_SESSIONS),
    "duplicate_submits": _CheckLine("Duplicate Submits", "no session is submitted twice", NO_DUPLICATE_SUBMITS),
    "duplicate_results": _CheckLine("Duplicate Results", "no session has two results", NO_DUPLICATE_SUBMITS),
    "missing_answers": _CheckLine(
        "Missing Answers", "every answer in the platform's event history is stored", ZERO_DATA_LOSS, "ignored"
    ),
    "unscored_sessions": _CheckLine("Unscored Sessions", "every submitted session has a score", NO_CORRUPTED_SESSIONS),
    "answer_question_mismatches": _CheckLine(
        "Answer/Question Mismatches", "every answer is to a question of its session", NO_CORRUPTED_SESSIONS
    ),
    "orphaned_events": _CheckLine("Orphaned Events", "every event belongs to a session", NO_CORRUPTED_SESSIONS),
    "inconsistent_status": _CheckLine(
        "Inconsistent Status", "status, submission time and submit event of every session agree", NO_CORRUPTED_SESSIONS
    ),
    "duplicate_mastery_updates": _CheckLine(
        "Duplicate Mastery Updates", "a session updates the mastery of a topic once", NO_CORRUPTED_SESSIONS
    ),
}
"""SQL check -> its line; in the order of source document 000, phase 4, which has all labels but that of
`duplicate_results`.

`missing_answers` reads the platform's event history. A platform without it is judged by the ledger alone.
A check that is missing here is judged by the line `other-checks-find-nothing`, which belongs to the gate
`no-corrupted-sessions`.
"""

LOSSES = {
    "lost": "acknowledged answers lost",
    "stale": "acknowledged answers overwritten by another value",
    "vanished": "sessions vanished",
    "lost_submit": "acknowledged submissions lost",
}
"""The kinds of findings that are losses of something acknowledged, and the words for their counts."""
_REASONS = {
    "duplicate_submits": "sessions submitted more than once: {count}",
    "duplicate_results": "sessions with more than one result: {count}",
    "missing_answers": "answers that the platform logged and that are not stored: {count}",
}


def _check(name: str) -> _Judge:
    def judge(integrity: IntegrityEvidence, findings: Findings) -> None:
        _judge_check(integrity.check(name), findings)
        _require_sessions(integrity, findings)

    return judge


def _judge_check(check: SqlCheck, findings: Findings) -> None:
    if check.problem is not None:
        findings.doubt(f"{check.title}: {check.file} could not be run: {check.problem}")
        return
    if check.severity == "information":
        findings.add_fact(f"{check.title}: {check.count}, for information")
        return
    message = (
        _REASONS[check.name].format(count=check.count) if check.name in _REASONS else f"{check.title}: {check.count}"
    )
    findings.fail_if(check.count > 0, message + check.example)
    findings.add_fact(f"{check.title}: {check.count}")


def _require_sessions(integrity: IntegrityEvidence, findings: Findings) -> None:
    sessions = integrity.summary.sessions if integrity.summary else 0
    findings.doubt_if(sessions == 0, "the database holds no session")


def _other_checks(integrity: IntegrityEvidence, findings: Findings) -> None:
    """Judge all checks that have no line of their own, so that an added check is judged. Raises Unmeasurable if no
    check could be run."""
    if integrity.checks_unmeasured is not None:
        raise Unmeasurable(integrity.checks_unmeasured)
    findings.doubt_if(not integrity.checks, "no SQL check was run")
    others = [check for check in integrity.checks if check.name not in CHECKS]
    for check in others:
        _judge_check(check, findings)
    findings.add_fact(f"{len(others)} other SQL checks")


def _kept(integrity: IntegrityEvidence, findings: Findings) -> None:
    """Every acknowledged answer is kept.

    If the database is the source and has a log of answers, the check `missing_answers` has to have been run too:
    raises Unmeasurable if it was not. If the API is the source, every session has to have been read back.
    """
    compared = integrity.reconciliation
    _doubt_unread(compared, findings)
    nothing = compared.nothing_compared
    findings.doubt_if(nothing is not None, str(nothing))
    for loss in losses_in(compared):
        findings.fail(loss)
    findings.add_fact(
        f"{compared.kept} of {compared.acknowledged} acknowledged answers of {compared.subjects} sessions kept"
        f"{_by_whom(compared)}"
    )
    if compared.source == "database" and integrity.has_event_history:
        integrity.check("missing_answers")


def losses_in(compared: Reconciliation) -> tuple[str, ...]:
    """The acknowledged writes and subjects that are lost or changed: each kind with its count and first difference."""
    counts = {
        "lost": compared.lost,
        "stale": compared.stale,
        "vanished": compared.vanished,
        "lost_submit": compared.lost_submits,
    }
    return tuple(f"{LOSSES[kind]}: {count}{compared.example(kind)}" for kind, count in counts.items() if count)


def _fail(compared: Reconciliation, kind: str, count: int, words: str, findings: Findings) -> None:
    """Fail if the ledger and the stored state differ in this way, and name the first difference of this kind."""
    findings.fail_if(count > 0, f"{words}: {count}{compared.example(kind)}")


def _doubt_unread(compared: Reconciliation, findings: Findings) -> None:
    first = compared.first("unread")
    example = f"; first: {first.actor}: {first.story}" if first else ""
    findings.doubt_if(
        compared.unread > 0,
        f"{compared.unread} of {compared.subjects} sessions could not be read back, and {compared.uncompared} "
        f"acknowledged answers with them{example}",
    )


def _by_whom(compared: Reconciliation) -> str:
    teller = " as the API shows" if compared.source == "api" else ""
    return teller + (f"; not judged: {', '.join(compared.unjudged)}" if compared.unjudged else "")


def _event_history(integrity: IntegrityEvidence, findings: Findings) -> None:
    compared = integrity.reconciliation
    own, missing, other = EVENT_HISTORY, compared.event_missing, compared.event_disagrees
    findings.doubt_if(not compared.history_read, f"{own} was not read")
    findings.doubt_if(compared.kept == 0, f"no answer was kept that {own} could have")
    _fail(compared, "event_missing", missing, f"acknowledged answers that {own} does not have", findings)
    _fail(compared, "event_disagrees", other, f"acknowledged answers of which {own} says something else", findings)
    short, changes = compared.history_missing, compared.changed_keys
    if 0 < short < changes:  # a platform may record no change at all
        _fail(compared, "history_missing", short, f"changed answers whose earlier values {own} lacks", findings)
    findings.doubt_if(0 < short == changes, f"{own} has no earlier values of {changes} changed answers")
    if compared.history_read:
        message = f"of {compared.kept} kept answers {missing} are not in {own} and {other} differ there"
        findings.add_fact(f"{message}; of {changes} changed ones it lacks earlier values of {short}")


def _scores(integrity: IntegrityEvidence, findings: Findings) -> None:
    compared = integrity.reconciliation
    findings.doubt_if(compared.scores_compared == 0, "no score could be compared with acknowledged answers")
    _fail(compared, "wrong_score", compared.wrong_scores, "scores that the acknowledged answers do not earn", findings)
    findings.add_fact(
        f"{compared.scores_compared - compared.wrong_scores} of {compared.scores_compared} scores as earned"
    )


def _nothing_strange(integrity: IntegrityEvidence, findings: Findings) -> None:
    compared = integrity.reconciliation
    _doubt_unread(compared, findings)
    findings.doubt_if(compared.subjects == 0, "the ledger holds no session")
    for cause in compared.not_shown:
        findings.doubt(cause)
    _fail(compared, "never_sent", compared.never_sent, "answers stored that nobody sent", findings)
    _fail(compared, "accepted_after_submit", compared.accepted_after_submit, "answers saved after the submit", findings)
    _fail(compared, "shared_owner", compared.shared_owners, "candidates who were logged in as another one", findings)
    _fail(compared, "owner_changed", compared.owner_changed, "sessions that changed their owner", findings)
    _fail(compared, "duplicate_session", compared.duplicate_sessions, "sessions opened twice by one key", findings)
    _fail(
        compared, "other_questions", compared.other_questions, "sessions with other questions than at first", findings
    )
    findings.add_fact(f"{compared.subjects} sessions compared")


def _one_result(integrity: IntegrityEvidence, findings: Findings) -> None:
    compared = integrity.reconciliation
    findings.doubt_if(compared.subjects == 0, "the ledger holds no session")
    _fail(compared, "two_results", compared.two_results, "submissions acknowledged with several results", findings)
    findings.add_fact(
        f"{compared.subjects - compared.two_results} of {compared.subjects} sessions with no more than one result"
    )


_STATEMENTS = (
    *(
        _Statement(
            name.replace("_", "-"),
            check.words,
            _check(name),
            check.gate,
            check.when_unmeasured,
            reason_of_gate=check.gate == NO_DUPLICATE_SUBMITS,
        )
        for name, check in CHECKS.items()
    ),
    _Statement(
        "other-checks-find-nothing", "Every other SQL check finds nothing", _other_checks, NO_CORRUPTED_SESSIONS
    ),
    _Statement(
        "every-acknowledged-answer-is-kept",
        "The ledger: every acknowledged answer is stored as acknowledged",
        _kept,
        ZERO_DATA_LOSS,
        reason_of_gate=True,
    ),
    _Statement(
        "the-platforms-own-log-agrees",
        "The ledger: the platform's event history ends with what was acknowledged",
        _event_history,
        ZERO_DATA_LOSS,
        "ignored",
    ),
    _Statement(
        "every-score-is-as-earned",
        "The ledger: every score is what the acknowledged answers earn",
        _scores,
        NO_CORRUPTED_SESSIONS,
        reason_of_gate=True,
    ),
    _Statement(
        "every-submission-has-one-result",
        "The ledger: every submission was acknowledged with one result",
        _one_result,
        NO_DUPLICATE_SUBMITS,
    ),
    _Statement(
        "nothing-is-stored-that-nobody-sent",
        "The ledger: every stored answer was sent by its candidate before the submit, every session keeps its owner "
        "and its questions, one key opens one session, and nobody is logged in as another candidate",
        _nothing_strange,
        NO_CORRUPTED_SESSIONS,
        reason_of_gate=True,
    ),
)


def _line(statement: _Statement, activity: str, phase: int, prefix: str, title: str) -> Line:
    def judge(measured: Measured, findings: Findings) -> None:
        statement.judge(measured.record(activity, IntegrityEvidence), findings)

    return Line(
        f"{prefix}{statement.key}",
        f"{title}{statement.words}",
        phase,
        (activity,),
        judge,
        (statement.gate,),
        statement.when_unmeasured,
        reason_of_gate=statement.reason_of_gate
        and phase == 7,  # both comparisons belong to one gate, and the later one is its reason
    )


LINES: tuple[Line, ...] = tuple(_line(statement, "integrity", 4, "", "") for statement in _STATEMENTS)
LINES_AFTER_RECOVERY: tuple[Line, ...] = tuple(
    _line(statement, "integrity_after", 7, f"{AFTER_RECOVERY_PREFIX}-", "Data Consistency: ")
    for statement in _STATEMENTS
)
