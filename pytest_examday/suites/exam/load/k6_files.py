"""Writes the scripts of candidates as files for k6. The files hold no password and no token."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_examday.suites.exam.load.candidate_script import Script

_PART_BYTES = 600_000
"""Most bytes of one file of scripts: a ConfigMap of Kubernetes holds one mebibyte."""
_MARKED, _TWICE = 1, 2


def files_for_k6(scripts: Iterable[tuple[str, Script]], plan: Mapping[str, Any], lead_ms: int) -> dict[str, str]:
    """The files by name: `plan.json` with `plan` and its fingerprint, and `candidates-N.json` with the scripts, each
    beside the e-mail of its candidate. The exam begins `lead_ms` after k6 is ready."""
    parts = tuple(_parts(scripts))
    about = {**plan, "parts": len(parts)}
    fingerprint = hashlib.sha256("\n".join((json.dumps(about, sort_keys=True), *parts)).encode()).hexdigest()[:16]
    head = json.dumps({"fingerprint": fingerprint, "lead_ms": lead_ms, **about}, indent=1)
    return {"plan.json": head, **{f"candidates-{number}.json": part for number, part in enumerate(parts)}}


def _parts(scripts: Iterable[tuple[str, Script]]) -> Iterator[str]:
    """Lists of scripts, each small enough for a file."""
    part: list[str] = []
    size = 0
    for email, script in scripts:
        text = json.dumps(_script(email, script), separators=(",", ":"))
        if part and size + len(text) > _PART_BYTES:
            yield f"[{','.join(part)}]"
            part, size = [], 0
        part.append(text)
        size += len(text) + 1
    yield f"[{','.join(part)}]"


def _script(email: str, script: Script) -> dict[str, Any]:
    """The script as `k6/candidate.js` reads it; times are whole milliseconds.

    `steps` is a flat list with three numbers for each step: the time since the last step; the question's number times
    four, plus 1 if it is marked, plus 2 for a double click; and the choice in thousandths. A flat list of numbers keeps
    plans of thousands of candidates small.
    """
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
