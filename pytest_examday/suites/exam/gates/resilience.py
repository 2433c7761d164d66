"""Gates on the drills: how the platform bears a fault, and how it comes back."""

from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.suites.exam.gates.bench import (
    DRILLS,
    FAILURES,
    Bench,
    Case,
)


def failures_handled(bench: Bench, case: Case) -> None:
    """While Redis was away, a worker was dead, or what else the profile broke, everything else went on (seed 000,
    phase 3)."""
    for drill in bench.drilled((*FAILURES, *bench.drills)):
        _judge_probes(case, drill)
        _judge_crashes(case, drill)
        _judge_losses(case, drill)
        case.fail_if(drill.stopped is not None, f"{drill.drill}: stopped on harm: {drill.stopped}")
        waited = [harm for harm in drill.harmed if harm.harm == "waited-too-long"]
        case.fail_if(bool(waited), f"{drill.drill}: {waited[0].candidate} {waited[0].story}" if waited else "")
        crash = "nobody could be served" if drill.outage else "no crash"
        case.ground(f"{drill.scenario}: {drill.during.overall.judged} requests, {crash}, no loss")
    redis = bench.record("redis_outage", DrillEvidence)
    case.doubt_if(redis.warnings_logged is None, f"warnings were not looked for: {redis.warning_sample}")
    case.fail_if(redis.warnings_logged == 0, "redis_outage: no warning was logged while Redis was away")


def _judge_probes(case: Case, drill: DrillEvidence) -> None:
    for probe in drill.probes:
        case.fail_if(not probe.passed, f"{drill.drill}: {probe.name}: {probe.detail}")
    case.doubt_if(not drill.probes, f"{drill.drill}: nothing was tried while the fault was in")


def _judge_crashes(case: Case, drill: DrillEvidence) -> None:
    during = drill.during.overall
    case.doubt_if(during.judged == 0, f"{drill.drill}: no candidate sent anything while the fault was in")
    for figures in drill.during.operations:
        crashed = drill.crashed(figures)
        count = f"{crashed} of {figures.judged}"
        case.fail_if(crashed > 0, f"{drill.drill}: {count} {figures.operation} requests crashed")


def _judge_losses(case: Case, drill: DrillEvidence) -> None:
    if drill.reconciliation is None:
        case.doubt_if(True, f"{drill.drill}: its ledger was not compared with the database")
        return
    unread = drill.reconciliation.unread
    case.doubt_if(unread > 0, f"{drill.drill}: {unread} sessions could not be read back")
    losses = drill.reconciliation.losses
    case.fail_if(losses > 0, f"{drill.drill}: {losses} acknowledged writes were lost or changed")


def recovery_tested(bench: Bench, case: Case) -> None:
    """After every fault everything answered again within the limit, every worker included."""
    limit = bench.thresholds.recovery_seconds
    for drill in bench.drilled((*DRILLS, *bench.drills)):
        name = drill.drill
        case.fail_if(not drill.fault_gone, f"{name}: {drill.fault_gone_detail}")
        for recovery in drill.recoveries:
            came_back = recovery.seconds is not None and recovery.seconds <= limit
            case.fail_if(
                not came_back,
                f"{name}: {recovery.name} had not recovered after {limit:.0f} s {recovery.detail}".strip(),
            )
        _judge_after(bench, case, drill)
        case.doubt_if(not drill.recoveries, f"{name}: recovery was not watched")
        if drill.recovery_seconds is not None:
            case.ground(f"{drill.scenario}: recovered in {drill.recovery_seconds:.1f} s")


def _judge_after(bench: Bench, case: Case, drill: DrillEvidence) -> None:
    after = drill.after.overall
    rate = after.error_rate
    case.doubt_if(rate is None, f"{drill.drill}: no candidate sent anything after the recovery")
    too_many = rate is not None and rate > bench.thresholds.error_rate
    case.fail_if(too_many, f"{drill.drill}: {after.errors} of {after.judged} requests failed after the recovery")
