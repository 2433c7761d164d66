"""Phase 4: compares the pages of the load's candidates with the answers that they gave and that were acknowledged."""

from collections import Counter
from collections.abc import Iterable

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.suites.exam.evidence import IntegrityEvidence, LoadEvidence
from pytest_examday.suites.exam.gates import NO_CORRUPTED_SESSIONS
from pytest_examday.suites.exam.lines.judge_shown import judge_shown


def _shown(measured: Measured, findings: Findings) -> None:
    """Every reloaded page, every saved answer and every review shows what was acknowledged.

    Each harm has one cause: what is stored wrongly is shown wrongly too, and is reported where the stored answers are
    judged. A page that cannot be read fails only if others of its operation could be: otherwise the contract may
    look for it in the wrong place."""
    fates = measured.record("load", LoadEvidence).fates
    integrity = measured.record("integrity", IntegrityEvidence)
    stored, ends = integrity.reconciliation, integrity.ends
    looked = _sum(fates)
    findings.doubt_if(
        not looked,
        f"no page that {len(fates)} candidates were shown could be compared with what was acknowledged{_why(fates)}",
    )
    wrong = [fate for fate in fates if fate.shown_wrongly]
    alone = judge_shown(fates, stored, findings)
    if ends is not None:
        findings.fail_if(
            ends.different > 0,
            f"{ends.different} of {ends.compared} exams are stored with another end than the candidates were shown; "
            f"first: {ends.first}",
        )
        findings.add_fact(f"{ends.compared} ends that candidates were shown, compared with the stored ones")
    unread = [(fate, page) for fate in fates for page in fate.not_comparable if looked[page]]
    if unread:
        fate, page = unread[0]
        actors = {unread_fate.actor for unread_fate, _ in unread}
        findings.fail(
            f"{len(actors)} of {len(fates)} candidates were shown what could not be read; "
            f"first: {fate.actor}, session {fate.subject}: {page} {fate.not_comparable[page]}",
        )
    compared = ", ".join(f"{count} of {page}" for page, count in sorted(looked.items()))
    findings.add_fact(f"compared: {compared or 'nothing'}")
    if len(wrong) > len(alone):
        findings.add_fact(f"{len(wrong) - len(alone)} of {len(fates)} candidates were shown what is stored wrongly")


def _sum(fates: Iterable[ActorFate]) -> Counter[str]:
    looked: Counter[str] = Counter()
    for fate in fates:
        looked.update(fate.compared)
    return looked


def _why(fates: Iterable[ActorFate]) -> str:
    """Why a page could not be compared, as the end of a sentence; empty if no reason is known."""
    reason = next(((page, why) for fate in fates for page, why in fate.not_comparable.items()), None)
    return "" if reason is None else f" ({reason[0]} {reason[1]})"


LINES: tuple[Line, ...] = (
    Line(
        "candidates-see-what-was-acknowledged",
        "Candidates see what was acknowledged",
        4,
        ("load", "integrity"),
        _shown,
        (NO_CORRUPTED_SESSIONS,),
        reason_of_gate=False,
    ),
)
