"""Makes malformed configurations of a good one: with a seed, always the same."""

import json
import math
import os
import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PASSWORD = "hunter2-is-a-secret"
"""It stands in every good configuration, and in no message."""

GOOD: dict[str, Any] = {
    "env": {
        "x": {
            "api_url": "https://api.example.org/v1",
            "database_url": f"postgresql://auditor:{PASSWORD}@db.example.org:5432/exam",
            "redis_url": f"redis://:{PASSWORD}@cache.example.org:6379/0",
            "auth_token": PASSWORD,
            "admin": {"email": "admin@example.org", "password": PASSWORD},
            "candidates": {"file": "people.csv"},
            "toxiproxy": {"url": "http://toxiproxy.example.org:8474", "proxies": {"redis": "exam_redis"}},
            "logs": ["/var/log/exam/*.log"],
            "allow": ["read", "write", "disrupt"],
            "production": False,
            "hosts": ["api.example.org", "10.0.0.1"],
            "not_promised": ["review-stays"],
            "thresholds": {"p95_ms": 400, "error_rate": 0.02, "memory_growth": 0.5},
            "runtime": {
                "kind": "command",
                "cache": "redis",
                "workers": ["api"],
                "timeout_seconds": 30,
                "every": {"status": "is-up $EXAMDAY_SERVICE", "start": "up", "stop": "down"},
                "services": {"api": {"logs": "logs api"}, "redis": {"pause": "p", "unpause": "u", "paused": "q"}},
                "jobs": {"nightly": "nightly --dry"},
            },
            "schema": "reference",
            "log_format": {"preset": "reference", "route": "path", "duration_unit": "s"},
            "contract": {
                "preset": "reference",
                "absent": ["logout"],
                "grace_seconds": 2,
                "create": {"path": "/v2/sessions", "success": [201], "finds": {"session_id": "data.id"}},
                "protected": [
                    {
                        "name": "rank",
                        "operation": {"method": "POST", "path": "/rank", "auth": "admin"},
                        "refused_when": "contains(detail, 'exam mode')",
                        "effects": ["ranks"],
                    }
                ],
                "jobs": [{"name": "nightly", "skipped": "skipped: .* mode"}],
                "rate_limit": {"operation": {"method": "GET", "path": "/limited"}, "burst": 20},
            },
        }
    },
    "profile": {
        "smoke": {
            "load": {"candidates": 20, "shape": "exam", "questions": 10, "habits": {"think_seconds": [0.5, 1.5]}},
            "drill": {"drills": ["worker_pause"], "delay_ms": 300, "jitter_ms": 50, "hold_seconds": 4},
        }
    },
}
PEOPLE = f"email,password\na@example.org,{PASSWORD}\nb@example.org,{PASSWORD}\n"

_ODD_TEXTS = (
    "",
    " ",
    "\0",
    "a\nb",
    "\x1b[31m",
    "\u202e\u2028",
    "😀" * 3,
    "${EXAMDAY_UNSET}",
    "${EXAMDAY_UNSET:-}",
    "${",
    "{{n}}",
    "{n",
    "[",
    "(" * 300,
    "a" * 100_000,
    "http://[",
    "postgresql+asyncpg://",
    "redis://:p@ss/w@rd@h",
    "../..",
    "-1",
    "not a url",
)
_ODD_VALUES: tuple[Any, ...] = (
    *_ODD_TEXTS,
    0,
    -1,
    1,
    True,
    1.5,
    -0.0,
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    -(10**400),
    1e308,
    [],
    {},
    [[]],
    [{}],
    [None],
    {"a": {"b": {"c": []}}},
    {"": 1},
    ["x"] * 1_000,
    "1979-05-27T07:32:00Z as a date",
)
_DATE = "1979-05-27T07:32:00Z as a date"
_LONG_NUMBER = "a number of 5,000 digits"
_DEEP = "2,000 lists in each other"

Keys = tuple[str | int, ...]


@dataclass
class Configuration:
    """A configuration that is being spoilt: the table, how its text and its files are spoilt, and what was done."""

    table: dict[str, Any]
    people: str = PEOPLE
    spoil: Callable[[bytes], bytes] = bytes
    make: Callable[[Path, bytes], object] = Path.write_bytes
    twice: list[Keys] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write `examday.toml` and `people.csv`."""
        text = "".join(f"{_key(name)} = {self._written(value, (name,))}\n" for name, value in self.table.items())
        self.make(folder / "examday.toml", self.spoil(text.encode()))
        (folder / "people.csv").write_bytes(self.people.encode())

    def _written(self, value: Any, keys: Keys) -> str:
        if isinstance(value, dict):
            pairs = [f"{_key(name)} = {self._written(item, (*keys, name))}" for name, item in value.items()]
            again = [pair for pair, name in zip(pairs, value, strict=True) if (*keys, name) in self.twice]
            return "{" + ", ".join(pairs + again) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self._written(item, (*keys, number)) for number, item in enumerate(value)) + "]"
        return _plain(value)


def _plain(value: Any) -> str:
    match value:
        case None:
            return '"null"'
        case bool():
            return str(value).lower()
        case int() if abs(value) > 10**20:
            return hex(value) if value > 0 else f"-{10**30}"
        case int() | float():
            return repr(value)
    written = {_DATE: "1979-05-27T07:32:00Z", _LONG_NUMBER: "9" * 5_000, _DEEP: "[" * 2_000 + "]" * 2_000}
    return written.get(value, json.dumps(value, ensure_ascii=value.isascii()).replace("\u2028", "\\u2028"))


def _key(name: str) -> str:
    return json.dumps(name)


def spoilt(dice: random.Random) -> Configuration:
    """A configuration with one to four mistakes."""
    made = Configuration(deepcopy(GOOD))
    if dice.random() < 0.6:  # the other kind of accounts
        made.table["env"]["x"]["candidates"] = {"email": "c{n:04d}@example.org", "password": PASSWORD, "count": 500}
    for _ in range(dice.randint(1, 4)):
        way = dice.choices(list(WAYS), weights=list(WAYS.values()))[0]
        made.done.append(way(made, dice))
    return made


def _places(value: Any, keys: Keys = ()) -> list[Keys]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, item in items for place in ((*keys, name), *_places(item, (*keys, name)))]


def _chosen(made: Configuration, dice: random.Random) -> tuple[Any, Any, Keys]:
    """What holds a value, its key there, and its place."""
    place = dice.choice(_places(made.table))
    holder: Any = made.table
    for name in place[:-1]:
        holder = holder[name]
    return holder, place[-1], place


def _named(place: Keys) -> str:
    return ".".join(map(str, place))[:80]


def _misspell(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word) or 1)
    return dice.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at : at + 1] * 2 + word[at + 1 :],
            word.upper(),
            f"{word}s",
            word[::-1],
        )
    )


def _misspell_key(made: Configuration, dice: random.Random) -> str:
    holder, name, place = _chosen(made, dice)
    if isinstance(holder, list) or place == ("env",):
        return _retype(made, dice)
    holder[_misspell(str(name), dice)] = holder.pop(name)
    return f"misspelled key {_named(place)}"


def _odd_key(made: Configuration, dice: random.Random) -> str:
    holder, _, place = _chosen(made, dice)
    if isinstance(holder, list):
        return _retype(made, dice)
    holder[dice.choice(_ODD_TEXTS)[:200]] = deepcopy(dice.choice(_ODD_VALUES))
    return f"odd key beside {_named(place)}"


def _drop(made: Configuration, dice: random.Random) -> str:
    holder, name, place = _chosen(made, dice)
    if place[:2] == ("env", "x") and len(place) <= 2:
        return _retype(made, dice)
    del holder[name]
    return f"dropped {_named(place)}"


def _duplicate(made: Configuration, dice: random.Random) -> str:
    _, _, place = _chosen(made, dice)
    made.twice.append(place)
    return f"twice {_named(place)}"


def _retype(made: Configuration, dice: random.Random) -> str:
    holder, name, place = _chosen(made, dice)
    holder[name] = deepcopy(dice.choice(_ODD_VALUES))
    return f"odd value of {_named(place)}: {type(holder[name]).__name__!s}"


def _misspell_value(made: Configuration, dice: random.Random) -> str:
    texts = [place for place in _places(made.table) if isinstance(_at(made.table, place), str)]
    if not texts:
        return _retype(made, dice)
    place = dice.choice(texts)
    holder = _at(made.table, place[:-1])
    holder[place[-1]] = _misspell(holder[place[-1]], dice)
    return f"misspelled value of {_named(place)}"


def _at(table: Any, place: Keys) -> Any:
    for name in place:
        table = table[name]
    return table


def _move(made: Configuration, dice: random.Random) -> str:
    holder, name, place = _chosen(made, dice)
    if isinstance(holder, list) or len(place) <= 2:
        return _retype(made, dice)
    value = holder.pop(name)
    other, key, into = _chosen(made, dice)
    if not isinstance(other[key], dict):
        return f"dropped {_named(place)}"
    other[key][name] = value
    return f"moved {_named(place)} into {_named(into)}"


def _giant(made: Configuration, dice: random.Random) -> str:
    holder, name, place = _chosen(made, dice)
    holder[name] = dice.choice((_LONG_NUMBER, _DEEP, 10**4_000, ["y" * 1_000] * 1_000))
    return f"giant value of {_named(place)}"


def _bytes(made: Configuration, dice: random.Random) -> str:
    before, at, odd = (
        made.spoil,
        dice.random(),
        dice.choice((b"\xff", b"\0", b"\xc3", b"\r", b"]", b'"', b"\n", b"", b"\xed\xa0\x80")),
    )

    def spoil(text: bytes) -> bytes:
        text = before(text)
        place = int(at * len(text))
        return text[:place] + odd + text[place + 1 :]

    made.spoil = spoil
    return f"odd byte {odd!r}"


def _encoding(made: Configuration, dice: random.Random) -> str:
    name = dice.choice(("utf-16", "utf-32", "utf-8-sig", "cut"))
    before = made.spoil
    if name == "cut":
        at = dice.random()
        made.spoil = lambda text: before(text)[: int(at * len(text))]
    else:
        made.spoil = lambda text: before(text).decode("utf-8", "replace").encode(name)
    return f"encoding {name}"


def _file(made: Configuration, dice: random.Random) -> str:
    kinds: dict[str, Callable[[Path, bytes], object]] = {
        "folder": lambda path, _: path.mkdir(),
        "FIFO": lambda path, _: os.mkfifo(path),
        "link in a circle": lambda path, _: path.symlink_to(path.name),
        "link to nothing": lambda path, _: path.symlink_to("nowhere"),
        "device": lambda path, _: path.symlink_to("/dev/zero"),
        "empty": lambda path, _: path.write_bytes(b""),
    }
    name = dice.choice(list(kinds))
    made.make = kinds[name]
    return f"file: {name}"


def _accounts(made: Configuration, dice: random.Random) -> str:
    made.table.setdefault("env", {}).setdefault("x", {})
    if isinstance(made.table["env"], dict) and isinstance(made.table["env"]["x"], dict):
        made.table["env"]["x"]["candidates"] = {"file": dice.choice(("people.csv", "people.csv", "gone.csv", "", "."))}
    lines = made.people.splitlines()
    at = dice.randrange(len(lines))
    lines[at] = dice.choice(
        (f"{lines[at]},", _misspell(lines[at], dice), "", '"', ",", "\0", "é" * 3, lines[at].replace(",", ";"))
    )
    made.people = "\n".join(lines)
    return f"line {at + 1} of the accounts"


WAYS: dict[Callable[[Configuration, random.Random], str], int] = {
    _misspell_key: 5,
    _odd_key: 2,
    _drop: 3,
    _duplicate: 1,
    _retype: 6,
    _misspell_value: 4,
    _move: 2,
    _giant: 1,
    _bytes: 1,
    _encoding: 1,
    _file: 1,
    _accounts: 2,
}
"""What can be wrong, and how often it is."""
