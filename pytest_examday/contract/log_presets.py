"""The access logs of nginx, uvicorn and gunicorn: log formats that a configuration can name."""

from pytest_examday.contract.log_format import LogFormat

_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
"""A text in quotes; nginx writes a quote in it as `\\x22`, gunicorn as `\\"`."""
_REQUEST_LINE = r"(?P<method>[A-Z]+) (?P<path>[^ ?\"]+)[^\"]*"
_COMBINED = (
    rf"^(?P<address>\S+) \S+ (?P<user>.+?) \[(?P<time>[^\]]+)\] \"(?:{_REQUEST_LINE}|[^\"]*)\" (?P<status>\d{{3}}) "
    rf"(?P<bytes>\S+) {_QUOTED} {_QUOTED}"
)
"""The format `combined` of Apache and nginx. A request that is no HTTP has neither method nor path."""
_SECONDS = r" (?P<seconds>\d+\.\d+)"
_ID = r" (?P<id>\S+)"
_TIME = "%d/%b/%Y:%H:%M:%S %z"


def _combined(name: str) -> LogFormat:
    places = {"timestamp": "time", "request_when": "path", "route": "path", "status": "status"}
    return LogFormat(name=name, pattern=_COMBINED, time_format=_TIME, **places)


def _with_duration(name: str) -> LogFormat:
    changes = {"name": name, "pattern": _COMBINED + _SECONDS, "total_ms": "seconds", "duration_unit": "s"}
    return _combined(name).model_copy(update=changes)


def _with_duration_and_id(name: str) -> LogFormat:
    """A line without an id is no request of the rehearsal, because every one of those has an id."""
    changes = {"pattern": _COMBINED + _SECONDS + _ID, "request_id": "id", "request_when": "id"}
    return _with_duration(name).model_copy(update=changes)


_UVICORN = LogFormat(
    name="uvicorn",
    pattern=(
        r"^(?:(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?) )?(?:(?P<level>[A-Z]+): +)?"
        rf"(?P<address>\S*) - \"{_REQUEST_LINE}\" (?P<status>\d{{3}})"
    ),
    timestamp="time",
    level="level",
    route="path",
    status="status",
)

LOG_PRESETS: dict[str, LogFormat] = {
    form.name: form
    for form in (
        _combined("nginx-combined"),
        _with_duration("nginx-timed"),
        _with_duration_and_id("nginx-traced"),
        _UVICORN,
        _combined("gunicorn"),
        _with_duration_and_id("gunicorn-traced"),
    )
}
"""Log formats by their names."""
