"""The staging suite as one object."""

from dataclasses import replace
from typing import Any

from pytest_examday.config.environment import Environment
from pytest_examday.core.line import Line
from pytest_examday.core.suite import Suite
from pytest_examday.suites.staging.activities import ACTIVITIES
from pytest_examday.suites.staging.gates import GATES, NO_CRITICAL_ISSUES
from pytest_examday.suites.staging.lines import migrations, webhooks
from pytest_examday.suites.staging.not_yet_rehearsed import NOT_YET_REHEARSED
from pytest_examday.suites.staging.phases import PHASE_MARKS, PHASES
from pytest_examday.suites.staging.service import NAME, starts_a_service
from pytest_examday.suites.staging.settings import StagingSettings


def _lacks(environment: Environment) -> str | None:
    """The reason why no service can be rehearsed in this environment. The embedded service needs no table."""
    if NAME in environment.suites or environment.embedded:
        return None
    return f"the table [env.{environment.name}.{NAME}] is missing"


def _only_if_asked_for(environment: Environment) -> str | None:
    """The reason why the embedded service is rehearsed only if it is asked for: the run is one of the exam then."""
    if starts_a_service(environment):
        return f"on its embedded service it is rehearsed only with --examday-suite {NAME}"
    return None


def _document(view: Any) -> str:
    from pytest_examday.suites.staging.report.markdown import markdown

    return markdown(view)


def _critical(line: Line) -> Line:
    """The line, as one of those without which critical issues may remain."""
    if not line.gates or NO_CRITICAL_ISSUES in line.gates:
        return line
    return replace(line, gates=(*line.gates, NO_CRITICAL_ISSUES))


_LINES: tuple[Line, ...] = (
    *migrations.LINES,
    *webhooks.LINES,
    *(line for section in NOT_YET_REHEARSED for line in section.lines),
)

SUITE = Suite(
    name=NAME,
    title="Staging Rehearsal Report",
    phases=PHASES,
    activities=ACTIVITIES,
    lines=tuple(sorted(map(_critical, _LINES), key=lambda line: line.phase)),
    gates=GATES,
    actor="sender",
    occasion="the deployment",
    settings=StagingSettings,
    phase_marks=PHASE_MARKS,
    only_if_asked_for=_only_if_asked_for,
    lacks=_lacks,
    document=_document,
)
