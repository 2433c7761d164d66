"""Tries whether the rehearsal may load the platform, and whether each drill of the profile can put its fault in.
Nothing is disturbed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pytest_examday.config.environment import Environment, Permission
from pytest_examday.core.suite import Suite, reasons_not_promised
from pytest_examday.drills.drill import Drill
from pytest_examday.drills.resolve_drills import running_drills
from pytest_examday.errors import Unmeasurable
from pytest_examday.safety.permission import OPTION
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.target.target import Target


def drills_and_permissions(target: Target, suite: Suite) -> Iterator[CheckResult]:
    """A look at the permissions, and at each drill that cannot put its fault in. `suite` is that of the
    exam."""
    environment = target.environment
    running = running_drills(environment, environment.profile.drill.drills, DRILLS)
    refused = target.refusal("write", "the load")
    if refused is not None:
        gates = gates_that_need(suite, environment, ("load",), running)
        yield CheckResult("the load", "untried", refused, _key_of(environment, "write"), gates=gates)
    refused = target.refusal("disrupt", "a drill")
    if refused is not None:
        gates = gates_that_need(suite, environment, [drill.activity for drill in running], running)
        yield CheckResult("the drills", "untried", refused, _key_of(environment, "disrupt"), gates=gates)
        return
    yield from _impossible(target, suite, running)


def _impossible(target: Target, suite: Suite, running: tuple[Drill, ...]) -> Iterator[CheckResult]:
    environment = target.environment
    by_reason: dict[str, list[Drill]] = defaultdict(list)
    for drill in running:
        try:
            drill.fault(target)
        except Unmeasurable as reason:
            by_reason[str(reason)].append(drill)
    for why, drills in by_reason.items():
        names = ", ".join(drill.name for drill in drills)
        gates = gates_that_need(suite, environment, [drill.activity for drill in drills], running)
        message = f"{names}: the fault cannot be put in: {why}"
        yield CheckResult("the drills", "wrong", message, f"env.{environment.name}.runtime", gates=gates)
    possible = len(running) - sum(map(len, by_reason.values()))
    if possible:
        yield CheckResult("the drills", "works", f"the runtime can put in the faults of {possible} drills; none was")


def gates_that_need(
    suite: Suite, environment: Environment, activities: Iterable[str], running: Iterable[Drill]
) -> tuple[str, ...]:
    """The gates that cannot pass if these activities measure nothing, in a run of the suite with these drills."""
    unmeasured, drills = set(activities), [drill.activity for drill in running]
    excused = reasons_not_promised({**suite.promises, **suite.rests_on}, environment)
    lines = [line for line in suite.lines if line.when_unmeasured == "blocks" and line.key not in excused]
    of_lines = {gate for line in lines if unmeasured.intersection(line.needs) for gate in line.gates}
    return tuple(
        gate.name for gate in suite.gates if gate.name in of_lines or unmeasured.intersection(gate.needed(drills))
    )


def _key_of(environment: Environment, permission: Permission) -> str:
    return OPTION if environment.allows(permission) else f"env.{environment.name}.allow"
