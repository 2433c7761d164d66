"""The plan as k6's scripts read it: a folder without secrets, and a file with the candidates' credentials beside it."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_examday.errors import Unmeasurable
from pytest_examday.load.k6.translate import translated
from pytest_examday.load.load_plan import Plan
from pytest_examday.load.request import Origin
from pytest_examday.suites.exam.load.candidate_script import Script

_PART_BYTES = 600_000
"""Of one file of scripts: a ConfigMap holds a mebibyte."""
_ACTIONS_AFTER = 8
"""Actions that a candidate may have to wait for with all patience, beside those of the schedule."""
_MARKED, _TWICE = 1, 2


class K6Plan(Plan):
    """A plan for one k6: the executable, the folder in the run directory for what k6 writes, and one outside of it
    for the candidates' credentials while k6 reads them."""

    k6: str
    folder: str
    secrets: str

    @property
    def console(self) -> Path:
        """Where k6 writes what candidates do."""
        return Path(self.folder) / "console.log"


def rendered(plan: Plan, lead_ms: int) -> dict[str, str]:
    """The files of the plan by name: `plan.json` and `candidates-N.json`, without any password or token.

    The exam begins `lead_ms` after k6 is ready. Raises UsageProblem for a contract that k6's scripts cannot speak.
    """
    parts = tuple(_parts(plan))
    about = {
        "activity": plan.activity,
        "api_url": _without_password(plan.api_url),
        "shape": plan.schedule.shape,
        "submits": plan.schedule.submits,
        "questions": plan.questions,
        "timeout_ms": round(plan.habits.timeout_seconds * 1000),
        "patience_ms": round(plan.habits.patience_seconds * 1000),
        "longest_seconds": longest_seconds(plan),
        "parts": len(parts),
        "contract": translated(plan.contract),
    }
    fingerprint = hashlib.sha256("\n".join((json.dumps(about, sort_keys=True), *parts)).encode()).hexdigest()[:16]
    head = json.dumps({"fingerprint": fingerprint, "lead_ms": lead_ms, **about}, indent=1)
    return {"plan.json": head, **{f"candidates-{number}.json": part for number, part in enumerate(parts)}}


def fingerprint_of(files: dict[str, str]) -> str:
    """What tells this plan from any other."""
    return str(json.loads(files["plan.json"])["fingerprint"])


def credentials(plan: Plan) -> str:
    """The candidates' passwords and tokens as the scripts read them: a secret."""
    fields = ("email", "password", "access_token", "refresh_token")
    return json.dumps([{name: getattr(account, name) for name in fields} for account in plan.accounts])


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read; raises Unmeasurable where it exists already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Unmeasurable(f"{path} exists already") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def planned_actions(plan: Plan) -> int:
    """How many writes the plan's candidates would make."""
    return sum(1 for script in plan.scripts() for _ in script.due())


def longest_seconds(plan: Plan) -> int:
    """After which k6 ends a run that does not end by itself."""
    habits = plan.habits
    return round(plan.schedule.deadline + _ACTIONS_AFTER * (habits.patience_seconds + habits.timeout_seconds))


def _without_password(api_url: str) -> str:
    """The address alone: a name and password in it are not sent by the built-in candidates either."""
    origin = Origin.of(api_url)
    return f"{'https' if origin.tls else 'http'}://{origin.authority}{origin.prefix}"


def _parts(plan: Plan) -> Iterator[str]:
    """Lists of scripts, each small enough for a file."""
    part: list[str] = []
    size = 0
    for account, script in zip(plan.accounts, plan.scripts(), strict=True):
        text = json.dumps(_script(account.email, script), separators=(",", ":"))
        if part and size + len(text) > _PART_BYTES:
            yield f"[{','.join(part)}]"
            part, size = [], 0
        part.append(text)
        size += len(text) + 1
    yield f"[{','.join(part)}]"


def _script(email: str, script: Script) -> dict[str, Any]:
    """Times in whole milliseconds. `steps` is a flat list, three numbers a step: the time since the step before, the
    question times four with a flag for marked and one for a double click, and the choice in thousandths."""
    steps: list[int] = []
    before = _ms(script.opens_at)
    for step in script.planned_steps():
        at = _ms(step.at)
        flags = _MARKED * step.marked + _TWICE * step.double_click
        steps += (at - before, 4 * step.question + flags, int(1000 * step.choice))
        before = at
    return {
        "email": email,
        "arrives_at": _ms(script.arrives_at),
        "opens_at": _ms(script.opens_at),
        "leaves_at": _ms(script.leaves_at),
        "resume_before": script.resume_before,
        "double_submit": script.double_submit,
        "steps": steps,
    }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
