"""Tries the platform's logs: which lines are as the log format says, and which fields they have."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Container, Iterator, Sequence
from fnmatch import fnmatchcase
from glob import glob
from typing import Any

from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.numbers_and_moments import cut
from pytest_examday.contract.reply_search import search
from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.log_reader import decoder_of
from pytest_examday.observe.log_sources import LogSource, log_sources
from pytest_examday.observe.log_times import moments
from pytest_examday.suites.exam.check.check_result import CheckResult, did_you_mean_place, shape
from pytest_examday.suites.exam.check.own_requests import RECENT_SECONDS, own_requests
from pytest_examday.suites.exam.gates import LOGS_SUFFICIENT, NO_SILENT_FAILURES
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_LINES = 2000
"""As many of the last lines of a log are looked at."""
_NEED = {
    "request_id": (
        "requests cannot be followed from client to log, and failures not be found",
        (LOGS_SUFFICIENT, NO_SILENT_FAILURES),
    ),
    "total_ms": ("durations are not judged", (LOGS_SUFFICIENT,)),
}
"""Field of a request -> what is not measured without it, and the gates that cannot pass if no log has it."""
_FIELDS = ("timestamp", "level", "request_id", "route", "status", "total_ms", "user")


def logs(target: Target, replies: Sequence[Reply] = ()) -> Iterator[CheckResult]:
    """A look at each log, at the fields of the lines of each log format, and at the lines about the requests to which
    these are the replies."""
    key = f"env.{target.environment.name}.{'logs' if target.environment.log_command is None else 'log_command'}"
    for pattern in target.environment.logs:
        if not glob(pattern):  # noqa: PTH207 # may be absolute
            yield CheckResult("logs", "wrong", f"no file matches {pattern}", key)
    try:
        sources = log_sources(target.environment, target.runtime)
    except Unmeasurable as reason:
        yield CheckResult("logs", "untried", str(reason), key, gates=(LOGS_SUFFICIENT, NO_SILENT_FAILURES))
        return
    yield from _patterns_without_a_log(target, sources)
    if not sources:
        yield CheckResult("logs", "wrong", "no log files are known", key)
        return
    by_format: dict[str, list[LogSource]] = defaultdict(list)
    for source in sources:
        by_format[source.form.name].append(source)
    lacking = {name for name in _NEED if all(getattr(source.form, name) is None for source in sources)}
    for of_format in by_format.values():
        yield from _logs_of_one_format(target, of_format, key, lacking)
    keyed = [(_key_of(target, of_format[0].form), of_format) for of_format in by_format.values()]
    yield from own_requests(target, keyed, replies)


def _patterns_without_a_log(target: Target, sources: Sequence[LogSource]) -> Iterator[CheckResult]:
    names = ", ".join(source.name for source in sources)
    for pattern in target.environment.platform.log_format.of:
        if not any(fnmatchcase(source.name, pattern) for source in sources):
            what = f'log_format.of."{pattern}"'
            yield CheckResult(what, "wrong", f"matches the name of no log; the logs are {names}", what)


def _logs_of_one_format(
    target: Target, sources: Sequence[LogSource], key: str, lacking: Container[str]
) -> Iterator[CheckResult]:
    form = sources[0].form
    decoder = decoder_of(form, ())
    bodies: list[dict[str, Any]] = []
    last: str | None = None
    for source in sources:
        try:
            lines = list(deque(target.runtime.logs(source.name, time.time() - RECENT_SECONDS), _LINES))
        except Unmeasurable as reason:
            yield CheckResult(f"log {source.name}", "wrong", str(reason), key)
            continue
        read = {number: body for number, line in enumerate(lines) if (body := decoder.body(line.encode())) is not None}
        bodies += read.values()
        yield CheckResult(f"log {source.name}", "works" if read else "untried", _share_read(form, lines, read))
        last = lines[-1] if lines else last
    within = _key_of(target, form)
    if bodies:
        yield from _fields(form, bodies, within, lacking)
    elif last is None:
        yield CheckResult("logs", "wrong", "there is no line, although requests were sent", key)
    else:
        problem = f"no line can be read by {_how(form)}; the last one is {cut(last)}"
        yield CheckResult(within, "wrong", problem, f"{within}.pattern")


def _key_of(target: Target, form: LogFormat) -> str:
    """The key of the format in the environment."""
    patterns = (pattern for pattern, one in target.environment.platform.log_format.of.items() if one is form)
    return next((f'log_format.of."{pattern}"' for pattern in patterns), "log_format")


def _how(form: LogFormat) -> str:
    return "JSON" if form.pattern is None else f"the pattern {form.pattern}"


def _share_read(form: LogFormat, lines: Sequence[str], read: Container[int]) -> str:
    """How many of these lines are as the format says, and the last one that is not."""
    others = [line for number, line in enumerate(lines) if number not in read]
    what = "are JSON" if form.pattern is None else f"match {form.pattern}"
    example = f"; another is {cut(others[-1])}" if others else ""
    return f"{len(lines) - len(others)} of the last {len(lines)} lines {what}{example}"


def _fields(form: LogFormat, bodies: list[dict[str, Any]], key: str, lacking: Container[str]) -> Iterator[CheckResult]:
    """The fields of the lines about requests. `lacking` are fields that no format has."""
    requests = [body for body in bodies if search(form.is_request, body)]
    if not requests:
        problem = f"no line of {len(bodies)} is about a request; a line holds {shape(bodies[-1])}"
        yield CheckResult(f"{key}.request_when", "wrong", problem, f"{key}.request_when")
        return
    found: Counter[str] = Counter()
    places = {name: place for name in _FIELDS if (place := getattr(form, name)) is not None}
    for body in requests:
        found.update(name for name, place in places.items() if _read(form, name, search(place, body)))
    for name, place in places.items():
        what = f"{key}.{name}"
        if found[name]:
            yield CheckResult(what, "works", f"{found[name]} of {len(requests)} lines about requests")
        else:
            problem = f"nothing at {place}; a line holds {shape(requests[-1])}{did_you_mean_place(place, requests[-1])}"
            yield CheckResult(what, "wrong", problem, what)
    for name, (lost, gates) in _NEED.items():
        if name not in places:
            message = f"the format has none; without another log that has it, {lost}"
            what = f"{key}.{name}"
            yield CheckResult(what, "untried", message, what, gates=gates if name in lacking else ())


def _read(form: LogFormat, name: str, value: object) -> bool:
    if name == "timestamp":
        return moments([value], form.time_format) != [None]
    return value is not None
