"""Gates on what is stored: loss, corruption, duplicates, and what only a person could repair."""

from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.evidence.phases import DrillEvidence, LoadEvidence
from pytest_examday.gates.bench import Bench, Case

_CORRUPTION_CHECKS = (
    "orphaned_answers",
    "unscored_sessions",
    "answer_question_mismatches",
    "orphaned_events",
    "inconsistent_status",
    "duplicate_mastery_updates",
)


def zero_data_loss(bench: Bench, case: Case) -> None:
    """Every acknowledged answer and session of every ledger of the run is stored as acknowledged."""
    after = bench.record("integrity_after", IntegrityEvidence)
    found = after.reconciliation
    case.doubt_if(found.acknowledged == 0, "no answer was acknowledged, so none could be lost")
    case.fail_if(found.lost > 0, f"acknowledged answers lost: {found.lost}")
    case.fail_if(found.stale > 0, f"acknowledged answers overwritten by another value: {found.stale}")
    case.fail_if(found.vanished > 0, f"sessions vanished: {found.vanished}")
    case.fail_if(found.lost_submits > 0, f"acknowledged submissions lost: {found.lost_submits}")
    missing = after.check("missing_answers")
    case.fail_if(missing.count > 0, f"answers that the platform logged and that are not stored: {missing.count}")
    case.ground(f"{found.acknowledged} acknowledged answers of {found.sessions} sessions, all kept")


def no_corrupted_sessions(bench: Bench, case: Case) -> None:
    """No stored row contradicts another, and no score differs from what the acknowledged answers earn."""
    after = bench.record("integrity_after", IntegrityEvidence)
    found = after.reconciliation
    case.doubt_if(after.summary.sessions == 0, "the database holds no session")
    case.doubt_if(found.scores_compared == 0, "no score could be compared with acknowledged answers")
    for name in _CORRUPTION_CHECKS:
        check = after.check(name)
        case.fail_if(check.count > 0, f"{check.title}: {check.count}")
    case.fail_if(found.wrong_scores > 0, f"scores that the acknowledged answers do not earn: {found.wrong_scores}")
    case.fail_if(found.never_sent > 0, f"answers stored that nobody sent: {found.never_sent}")
    case.fail_if(found.accepted_after_submit > 0, f"answers saved after the submit: {found.accepted_after_submit}")
    case.fail_if(found.owner_changed > 0, f"sessions that changed their owner: {found.owner_changed}")
    case.ground(f"{after.summary.sessions} sessions consistent, {found.scores_compared} scores as earned")


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
    drills = [bench.record(name, DrillEvidence) for name in ("redis_outage", "worker_loss", "recovery")]
    submits = "submit" not in load.left_out
    case.doubt_if(not submits, f"submit was not exercised: it is no part of a load of shape {load.shape!r}")
    fates = [*(load.fates if submits else ()), *(fate for drill in drills for fate in drill.fates)]
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
