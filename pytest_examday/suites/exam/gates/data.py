"""Gates on what is stored: loss, corruption, duplicates, and what only a person could repair."""

from pytest_examday.evidence.integrity import IntegrityEvidence, Reconciliation
from pytest_examday.evidence.phases import LoadEvidence
from pytest_examday.suites.exam.gates.bench import DRILLS, Bench, Case

_CORRUPTION_CHECKS = (
    "orphaned_answers",
    "unscored_sessions",
    "answer_question_mismatches",
    "orphaned_events",
    "inconsistent_status",
    "duplicate_mastery_updates",
)


def zero_data_loss(bench: Bench, case: Case) -> None:
    """Every acknowledged answer and session of every ledger of the run is stored as acknowledged, and the platform's
    own log of answers agrees. Where only the API tells what is stored, every session must have been read back."""
    after = bench.record("integrity_after", IntegrityEvidence)
    found = after.reconciliation
    _doubt_unread(case, found)
    case.doubt_if(found.acknowledged == 0, "no answer was acknowledged, so none could be lost")
    case.fail_if(found.lost > 0, f"acknowledged answers lost: {found.lost}")
    case.fail_if(found.stale > 0, f"acknowledged answers overwritten by another value: {found.stale}")
    case.fail_if(found.vanished > 0, f"sessions vanished: {found.vanished}")
    case.fail_if(found.lost_submits > 0, f"acknowledged submissions lost: {found.lost_submits}")
    if found.witness == "database":
        missing = after.check("missing_answers").count
        case.fail_if(missing > 0, f"answers that the platform logged and that are not stored: {missing}")
    _judge_log(case, found)
    case.ground(f"{found.acknowledged} acknowledged answers of {found.sessions} sessions, all kept{_by_whom(found)}")


def _doubt_unread(case: Case, found: Reconciliation) -> None:
    first = found.first("unread")
    example = f"; first: {first.candidate}: {first.story}" if first else ""
    case.doubt_if(
        found.unread > 0,
        f"{found.unread} of {found.sessions} sessions could not be read back, and {found.uncompared} acknowledged "
        f"answers with them{example}",
    )


def _judge_log(case: Case, found: Reconciliation) -> None:
    missing, other = found.event_missing, found.event_disagrees
    case.fail_if(missing > 0, f"acknowledged answers that the platform's own log does not have: {missing}")
    case.fail_if(other > 0, f"acknowledged answers of which the platform's own log says something else: {other}")


def _by_whom(found: Reconciliation) -> str:
    teller = " as the API tells" if found.witness == "api" else ""
    return teller + (f"; not judged: {', '.join(found.unjudged)}" if found.unjudged else "")


def no_corrupted_sessions(bench: Bench, case: Case) -> None:
    """No stored row contradicts another, and no score differs from what the acknowledged answers earn."""
    after = bench.record("integrity_after", IntegrityEvidence)
    found = after.reconciliation
    case.doubt_if(found.scores_compared == 0, "no score could be compared with acknowledged answers")
    case.fail_if(found.wrong_scores > 0, f"scores that the acknowledged answers do not earn: {found.wrong_scores}")
    case.fail_if(found.never_sent > 0, f"answers stored that nobody sent: {found.never_sent}")
    case.fail_if(found.accepted_after_submit > 0, f"answers saved after the submit: {found.accepted_after_submit}")
    case.fail_if(found.owner_changed > 0, f"sessions that changed their owner: {found.owner_changed}")
    _doubt_unread(case, found)
    _judge_rows(case, after)


def _judge_rows(case: Case, after: IntegrityEvidence) -> None:
    """What only the tables show; raises Unmeasurable where they were not read."""
    for name in _CORRUPTION_CHECKS:
        check = after.check(name)
        case.fail_if(check.count > 0, f"{check.title}: {check.count}")
    sessions = after.summary.sessions if after.summary else 0
    case.doubt_if(sessions == 0, "the database holds no session")
    case.ground(f"{sessions} sessions consistent, {after.reconciliation.scores_compared} scores as earned")


def no_duplicate_submits(bench: Bench, case: Case) -> None:
    """A session is submitted once, also when the candidate clicks twice at the same moment."""
    load = bench.record("load", LoadEvidence)
    after = bench.record("integrity_after", IntegrityEvidence)
    check = after.check("duplicate_submits")
    case.doubt_if(load.simultaneous_submits == 0, "no two submits of a candidate were under way at the same moment")
    case.fail_if(check.count > 0, f"sessions submitted more than once: {check.count}")
    case.ground(f"{load.simultaneous_submits} simultaneous double submits, no session submitted twice")


def no_manual_fixes(bench: Bench, case: Case) -> None:
    """Every session that a candidate wanted to submit was submitted, before the deadline where the exam has one,
    without a person's hand in the database."""
    load = bench.record("load", LoadEvidence)
    drills = bench.drilled((*DRILLS, *bench.drills))
    submits = "submit" not in load.left_out
    case.doubt_if(not submits, f"submit was not exercised: it is no part of a load of shape {load.shape!r}")
    sat = submits and load.overall.requests > 0  # who sent nothing was not refused anything
    fates = [*(load.fates if sat else ()), *(fate for drill in drills for fate in drill.fates)]
    stuck = [fate for fate in fates if not fate.submitted]
    case.doubt_if(not fates, "no candidate reached the end of an exam")
    case.fail_if(
        bool(stuck),
        f"{len(stuck)} of {len(fates)} candidates could not submit and would need a repair by hand; "
        f"first: {stuck[0].candidate}: {stuck[0].story}"
        if stuck
        else "",
    )
    _judge_deadline(case, load)
    case.ground(f"all {len(fates)} candidates submitted, those of the drills included, with nothing repaired by hand")


def _judge_deadline(case: Case, load: LoadEvidence) -> None:
    """A submission that came too late needs a person who lets it count."""
    if load.schedule is None:
        return  # evidence of a load without a deadline
    late = [(seconds, fate) for fate in load.fates if (seconds := fate.late_seconds(load.schedule.deadline))]
    if late:
        seconds, worst = max(late, key=lambda entry: entry[0])
        case.fail_if(
            True,
            f"{len(late)} of {len(load.fates)} submissions were accepted after the deadline; the latest: "
            f"{worst.candidate}, {seconds:.1f} s late",
        )
