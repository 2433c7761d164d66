"""The exam suite as one object."""

from collections.abc import Iterable
from typing import Any

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import EmbeddedSettings
from pytest_examday.core.activity import Activity
from pytest_examday.core.line import Line
from pytest_examday.core.suite import Suite, lacks_nothing
from pytest_examday.drills.drill import Drill
from pytest_examday.suites import PREFLIGHT_ACTIVITY
from pytest_examday.suites.exam.activities import ACTIVITIES, drill_activity
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.gates import GATES
from pytest_examday.suites.exam.lines import (
    experience,
    freeze,
    integrity,
    observability,
    pages_shown,
)
from pytest_examday.suites.exam.lines.drill_lines import lines_of
from pytest_examday.suites.exam.lines.load.all_lines import LINES as LOAD_LINES
from pytest_examday.suites.exam.never_measured import NEVER_MEASURED
from pytest_examday.suites.exam.phases import PHASES
from pytest_examday.suites.exam.probes.rate_limit_probes import RATE_LIMITS_ARE_BYPASSED
from pytest_examday.suites.exam.rests_on import RESTS_ON
from pytest_examday.suites.exam.rules.all_rules import PROMISES

_OF_DRILLS = [line for drill in DRILLS for line in lines_of(drill)]


def _lacks(environment: Environment) -> str | None:
    """The reason why no exam can run in this environment: it has no API address. The embedded platform needs none in
    the configuration."""
    if environment.api_url is not None or isinstance(environment.runtime, EmbeddedSettings):
        return None
    return f"env.{environment.name}.api_url is not set, nor is the variable API_URL"


def _fits(target: Any) -> None:
    from pytest_examday.suites.exam.check.contract_fits import refuse_misfits

    refuse_misfits(target)


def _adopt_drill(drill: Drill) -> tuple[Activity, tuple[Line, ...]]:
    return drill_activity(drill), lines_of(drill)


def _document(view: Any) -> str:
    from pytest_examday.suites.exam.report.markdown import markdown

    return markdown(view)


def _pictures(view: Any) -> Iterable[Any]:
    from pytest_examday.suites.exam.report.pictures import pictures

    return pictures(view)


def _unmeasured_harm(view: Any) -> tuple[str, ...]:
    from pytest_examday.suites.exam.report.sentences import unmeasured_harm
    from pytest_examday.suites.exam.report.source import Sources

    return unmeasured_harm(Sources(view))


_WORDING = {
    "load": "under load",
    "drill_backend_restart": "around the full restart",
    "integrity": "found when the stored answers were checked",
    "integrity_after": "found when the stored answers were checked after the recovery drill",
    "lost-answer": "lost an answer",
    "changed-answer": "had an answer changed",
    "no-submit": "could not submit",
    "waited-too-long": "waited too long",
    "lost-session": "lost the session",
    "wrong-score": "got a wrong score",
}

SUITE = Suite(
    name="exam",
    title="Exam-Day Rehearsal",
    phases=PHASES,
    activities=(PREFLIGHT_ACTIVITY, *ACTIVITIES),
    lines=(
        *freeze.LINES,
        *LOAD_LINES,
        *(line for line in _OF_DRILLS if line.phase == 3),
        *integrity.LINES,
        *pages_shown.LINES,
        *experience.LINES,
        *observability.LINES,
        *(line for line in _OF_DRILLS if line.phase == 7),
        *integrity.LINES_AFTER_RECOVERY,
    ),
    gates=GATES,
    actor="candidate",
    occasion="the exam",
    drills=DRILLS,
    adopt_drill=_adopt_drill,
    lacks=_lacks,
    fits=_fits,
    gate_names_without_suite=True,
    document=_document,
    pictures=_pictures,
    unmeasured_harm=_unmeasured_harm,
    wording=_WORDING,
    never_measured=NEVER_MEASURED,
    promises={**PROMISES, RATE_LIMITS_ARE_BYPASSED: lacks_nothing},
    rests_on=RESTS_ON,
)
