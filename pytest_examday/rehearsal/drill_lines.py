"""What every drill is asked (seed 000, phases 3 and 7), as expectations on its evidence."""

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.phases import DrillEvidence
from pytest_examday.rehearsal.expect import expect


def expect_probes(drill: DrillEvidence, *words: str) -> None:
    """Every probe whose name holds one of the words passed, and there is one."""
    made = [probe for probe in drill.probes if any(word in probe.name for word in words)]
    expect(bool(made), f"INCONCLUSIVE: nothing was tried for {' or '.join(words)}")
    wrong = [f"{probe.name}: {probe.detail}" for probe in made if not probe.passed]
    expect(not wrong, "; ".join(wrong))


def expect_no_crash(drill: DrillEvidence) -> None:
    """Candidates sent something while the fault was in, and no request of theirs crashed."""
    during = drill.during.overall
    expect(during.judged > 0, "INCONCLUSIVE: no candidate sent anything while the fault was in")
    crashed = drill.crashed(during)
    expect(crashed == 0, f"{crashed} of {during.judged} requests crashed while the fault was in")


def expect_nothing_lost(drill: DrillEvidence) -> None:
    """Every acknowledged answer of the drill is stored as it was acknowledged."""
    found = drill.reconciliation
    if found is None or found.acknowledged == 0:
        pytest.fail("INCONCLUSIVE: no acknowledged answer of this drill was compared with the database", pytrace=False)
    story = found.findings[0].story if found.findings else ""
    expect(found.losses == 0, f"{found.losses} acknowledged writes lost or changed; first: {story}")


def expect_recovery(drill: DrillEvidence, environment: Environment) -> None:
    """The fault is gone, and everything that was watched answered again within the limit."""
    limit = environment.thresholds.recovery_seconds
    expect(drill.fault_gone, f"the fault is still in: {drill.fault_gone_detail}")
    expect(bool(drill.recoveries), "INCONCLUSIVE: recovery was not watched")
    late = [one for one in drill.recoveries if one.seconds is None or one.seconds > limit]
    expect(not late, "; ".join(f"{one.name} not back after {limit:.0f} s {one.detail}".strip() for one in late))


def expect_no_stop(drill: DrillEvidence) -> None:
    """The fault stayed in as long as it was meant to: the platform did not suffer more than the drill allows."""
    expect(drill.stopped is None, f"stopped on harm after {drill.held_seconds:.1f} s: {drill.stopped}")


def expect_nobody_stuck(drill: DrillEvidence) -> None:
    """Every candidate of the drill could submit, by trying again and without a person's help."""
    expect(bool(drill.fates), "INCONCLUSIVE: no candidate reached the end of an exam")
    stuck = [fate for fate in drill.fates if not fate.submitted]
    first = f"; first: {stuck[0].candidate}: {stuck[0].story}" if stuck else ""
    expect(not stuck, f"{len(stuck)} of {len(drill.fates)} candidates could not submit{first}")
