"""Gates and lines of an earlier run that are missing in the run that judges it again."""

from collections.abc import Collection, Mapping

from pytest_examday.core.gate import GateResult
from pytest_examday.session.expected_gates import Expected, ExpectedOfSuite
from pytest_examday.session.rehearsal import Rehearsal


def gates_not_judged_again(earlier: Expected, rehearsal: Rehearsal, present: Collection[str]) -> tuple[GateResult, ...]:
    """The gates of the earlier run that are not among those `present` in this one; none of a suite that this run knows
    and leaves out, because the verdict names that suite."""
    of_tests = "the earlier run had this gate in a test of the user's, which this run did not collect: add its path"
    missing: dict[str, tuple[str, str | None]] = dict.fromkeys(earlier.users_gates, (of_tests, None))
    suites = {suite.name for suite in rehearsal.suites}
    for name, suite in earlier.suites.items():
        what = f"this gate in the suite {name}" if name in suites else f"the suite {name} with this gate"
        reason = f"the earlier run had {what}, and this run has not: load the conftest.py or plugin that adds it"
        if name not in rehearsal.left_out:
            missing |= dict.fromkeys(suite.gates, (reason, name if name in suites else None))
    return tuple(
        GateResult(name=name, outcome="inconclusive", reason=reason, title=name, suite=known_suite)
        for name, (reason, known_suite) in missing.items()
        if name not in present
    )


def lines_not_judged_again(earlier: Expected, rehearsal: Rehearsal) -> Mapping[str, str]:
    """Gate -> the reason why it is not what it was in the earlier run: lines that counted for it are missing."""
    reasons: dict[str, str] = {}
    for suite in rehearsal.suites:
        had = earlier.suites.get(suite.name, ExpectedOfSuite()).lines
        has = {line.key for line in suite.lines_in(rehearsal.activities)}
        for gate in suite.gates:
            missing = [key for key, gates in had.items() if gate.name in gates and key not in has]
            excused = [key for key in missing if key in suite.excused]
            if excused:
                reasons[suite.full_name(gate)] = (
                    f"the earlier run judged this gate by {excused[0]} too, and this run does not: "
                    f"{suite.excused[excused[0]]}"
                )
            elif missing:
                reasons[suite.full_name(gate)] = (
                    f"the earlier run judged this gate by {', '.join(missing)} too, and this run has no such line: "
                    "load the conftest.py or plugin that adds it, or use the profile of the earlier run"
                )
    return reasons
