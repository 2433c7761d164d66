"""Secrets are planted everywhere, a run fails in every way, and nothing that anybody sees shows them."""

import base64
import html
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

import psutil
import pytest

from tests.pytest_command import PYTEST
from tests.report.samples import write_run

SECRETS = {
    "DB_PASSWORD": "kW7@zR2:pQ9/mX4",
    "CACHE_PASSWORD": "v3N%b8K\\t5 L6w#Q1",
    "ADMIN_PASSWORD": "Zx9\"qL'4\\vB2",
    "LOAD_PASSWORD": "ß8ü7ñ2 K5é-Ω9x",
    "EXAM_TOKEN": "tok9fK2mQ7xW4zR8",
    "START_CODE": "J0b$9cR3t!Q7&x<2>",
    "KEYWORD_PASSWORD": "q8'T5\\y3 H7z",
    "HEADER": "h3Ad&er=9+K1~x7",
    "GATE_PASSWORD": "g7T:q2/Wz@8nR",
    "PROXY_PASSWORD": "p4X?d9#Ym3%Lk",
    "API_KEY": "aK5-zQ8_vT2.wN6",
    "SIGNING_SECRET": "m9D$h4JqS7!fB2Lx",
    "FORM_WORD": "fW3 nB7|cX9^eZ",
    "ADMIN_REFRESH": "r6V.kP1-sH8_jU4",
}
"""Each fragment of six characters is unlike any ordinary text."""
PASSWORDS_OF_ADDRESSES = ("DB_PASSWORD", "CACHE_PASSWORD", "GATE_PASSWORD", "PROXY_PASSWORD")
IN_ADDRESSES = {f"{name}_IN_ADDRESS": quote(SECRETS[name], safe="") for name in PASSWORDS_OF_ADDRESSES}
LISTED = {
    "password of a file": "fI5+le:7Pw@x",
    "token of a file": "fT8_ok-3En.zQ",
    "refresh token of a file": "fR2~ef|6Sh",
    "token of a command": "cT4*mD!9aN",
}
"""Secrets of many people are looked for as a whole."""
PEOPLE = f"""email,password,access_token,refresh_token
one@x,{LISTED["password of a file"]},,
two@x,,{LISTED["token of a file"]},{LISTED["refresh token of a file"]}
"""

CONFIGURATION = r"""
[env.x]
api_url = "http://gate:${GATE_PASSWORD_IN_ADDRESS}@127.0.0.1:1"
toxiproxy = {url = "http://u:${PROXY_PASSWORD_IN_ADDRESS}@127.0.0.1:1", proxies = {redis = "r"}}
database_url = "postgresql://auditor:${DB_PASSWORD_IN_ADDRESS}@127.0.0.1:1/exam"
redis_url = "redis://:${CACHE_PASSWORD_IN_ADDRESS}@127.0.0.1:1/0"
admin = {email = "a@x", password = "${ADMIN_PASSWORD}", refresh_token = "${ADMIN_REFRESH}"}
candidates = {email = "c{n}@x", password = "${LOAD_PASSWORD}", count = 9}
auth_token = "${EXAM_TOKEN}"
allow = ["read", "write", "disrupt"]

[env.x.runtime]
kind = "command"
jobs.leak = 'sleep 1; printf "%s\n" "${START_CODE}" "${HEADER}"; printf "\033]0;owned\007"; exit 3'
services.backend.status = 'test -n "${START_CODE}"; echo "${START_CODE}" >&2; exit 1'
services.backend.start = 'echo "cannot start: ${START_CODE}" >&2; exit 1'

[env.x.contract]
preset = "reference"
headers = {X-Api-Key = "${API_KEY}"}
logout.body = {word = "${FORM_WORD}"}

[env.listed]
api_url = "http://127.0.0.1:1"
candidates = {file = "people.csv"}
admin = {email = "a@x", mint = {secret = "${SIGNING_SECRET}", claims = {sub = "${FORM_WORD}"}}}

[env.commanded]
api_url = "http://127.0.0.1:1"
auth_token = "${EXAM_TOKEN}"
candidates.command = '''printf "email,access_token\n%s@x,${TOLD}\n" one; sleep 0.5; echo "${HEADER}" >&2'''

[env.other]
api_url = "http://127.0.0.1:1"
database_url = "host=127.0.0.1 port=1 password=${KEYWORD_PASSWORD}"
"""

CONFTEST = r"""
import os
import pytest

@pytest.fixture
def broken():
    raise RuntimeError(f"set up with {os.environ[os.environ['NAMES'].split()[0]]}")

@pytest.fixture
def breaking():
    yield
    raise RuntimeError(f"torn down with {os.environ[os.environ['NAMES'].split()[0]]}")
"""

UNCOLLECTED = r"""
import os
first, *_, last = os.environ["NAMES"].split()
raise RuntimeError("at import: " + os.environ[first] + repr(os.environ[last]))
"""

SKIPPED = r"""
import os
import pytest
pytest.skip("not with " + os.environ[os.environ["NAMES"].split()[0]], allow_module_level=True)
"""

TESTS = r"""
import base64, html, json, logging, os, subprocess, sys, warnings
from urllib.parse import quote, quote_plus
import httpx, psycopg, pytest

NAMES = os.environ["NAMES"].split()
ALL = [os.environ[name] for name in NAMES]
WAYS = {
    "plain": str, "repr": repr, "ascii": ascii, "bytes": lambda text: repr(text.encode()), "json": json.dumps,
    "json twice": lambda text: json.dumps(json.dumps(text, ensure_ascii=False)), "html": html.escape,
    "html of json": lambda text: html.escape(json.dumps(text)), "address": lambda text: quote(text, safe=""),
    "path": quote, "form": quote_plus, "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "basic": lambda text: base64.b64encode(f"user:{text}".encode()).decode(), "front": lambda text: text[:9],
    "back": lambda text: text[-8:], "middle": lambda text: text[3:-2],
}

@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_fails(way):
    told = [way(secret) for secret in ALL]
    print(*told)
    print(*told, file=sys.stderr)
    logging.getLogger("x").warning("logged: %s", told)
    raise RuntimeError("\n".join(told)) from ValueError(*told)

@pytest.mark.parametrize("secret", ALL)
def test_compares(secret):
    assert secret == secret[:8] + "?"

def test_compares_long_texts():
    assert [secret * 40 for secret in ALL] == ["a"]

def test_warns():
    for secret in ALL:
        warnings.warn(f"deprecated: {secret}")

def test_notes(record_property, record_testsuite_property):
    for number, secret in enumerate(ALL):
        record_property(f"p{number}", secret)
        record_property(f"l{number}", [secret, {"secret": secret}])
        record_testsuite_property(f"s{number}", secret)

@pytest.mark.skipif(True, reason=" ".join(ALL))
def test_skipped(): ...

def test_skips():
    pytest.skip(" ".join(ALL))

@pytest.mark.xfail(reason=" ".join(ALL))
def test_expected():
    assert not ALL

@pytest.mark.xfail(reason=" ".join(ALL), strict=True)
def test_unexpected(): ...

def test_set_up(broken): ...

def test_torn_down(breaking): ...

def test_subtests(subtests):
    for secret in ALL:
        with subtests.test(secret, value=secret):
            assert not secret

def test_drivers():
    told = []
    for secret in ALL:
        for connect in (
            lambda: psycopg.connect(f"postgresql://u:{secret}@127.0.0.1:1/x", connect_timeout=2),
            lambda: psycopg.connect(f"password={secret} host=127.0.0.1 port=1 connect_timeout=2"),
            lambda: httpx.get(f"http://127.0.0.1:1/?token={secret}", headers={"x": f"Bearer {secret}"}, timeout=2),
            lambda: httpx.get(f"http://u:{secret}@127.0.0.1:1/", timeout=2),
            lambda: httpx.get(f"{secret}://x"),
        ):
            try:
                connect()
            except Exception as problem:
                told.append(f"{problem!r} {problem}")
    logging.getLogger("httpx").info("%s", told)
    raise RuntimeError("\n".join(told))

def test_headers_of_answers_are_not_logged():
    assert logging.getLogger("httpcore.http11").filters

def test_job(runtime):
    ran = runtime.run_job("leak")
    assert ran.exit_status == 0, ran.output

def test_start(runtime):
    runtime.start("backend")

def test_database(db): ...

def test_cache(redis_client):
    redis_client.get("x")

def test_accounts(rehearsal):
    accounts = rehearsal.target.accounts
    taken = accounts.take(1)
    taken += accounts.take(1) if accounts.candidates.count > 1 else ()
    secrets = [one.get_secret_value() for account in taken
               for one in (account.password, account.access_token, account.refresh_token) if one is not None]
    told = [accounts.log_in(account).access_token for account in (*taken, accounts.admin)
            if account is not None and not account.logs_in]
    print(*secrets, *told)
    raise RuntimeError(f"{secrets} {told} user:{'/'.join(secrets)}")

def test_environment(environment):
    assert environment.model_dump() == {}

@pytest.mark.gate(name="mine")
def test_gate():
    raise RuntimeError(" ".join(ALL))
"""


def _forms(fragment: str) -> Iterator[str]:
    for text in (fragment, quote(fragment, safe=""), quote(fragment), quote_plus(fragment), html.escape(fragment)):
        yield text
        yield from (
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            repr(text)[1:-1],
            ascii(text)[1:-1],
        )
        yield from (html.escape(json.dumps(text)[1:-1]), repr(text.encode())[2:-1])
        yield repr(text + "'\"")[1:-1].removesuffix("\\'\"")


def _needles(secret: str) -> set[str]:
    """Every fragment of six characters in every form, and of base64 eight characters, wherever it begins."""
    found = {form for at in range(len(secret) - 5) for form in _forms(secret[at : at + 6])}
    for inside in _in_base64(secret):
        found |= {inside[at : at + 8] for at in range(len(inside) - 7)}
    return found


def _in_base64(secret: str) -> Iterator[str]:
    for before in ("", "u", "u:"):
        encoded = base64.b64encode(f"{before}{secret}".encode()).decode().rstrip("=")
        yield encoded[4 if before else 0 : -1]


NEEDLES = {name: _needles(secret) for name, secret in SECRETS.items()}
WHOLE = {name: {*_forms(secret), *_in_base64(secret)} for name, secret in LISTED.items()}
WAYS = {
    "here": ("--env=x", "--debug=own-debug.log"),
    "in a worker": ("--env=x", "-n", "1"),
    "people of a file": ("--env=listed", "-n", "1"),
    "people of a command": ("--env=commanded",),
}
NAMED = {
    "x": set(SECRETS) - {"SIGNING_SECRET"},
    "listed": {"SIGNING_SECRET", "FORM_WORD"},
    "commanded": {"EXAM_TOKEN", "HEADER"},
}
"""The secrets that each environment knows."""


def _seen_in(text: str, looked_for: Mapping[str, set[str]]) -> dict[str, list[str]]:
    found = {name: sorted(needle for needle in needles if needle in text) for name, needles in looked_for.items()}
    return {name: needles for name, needles in found.items() if needles}


class _Watch(threading.Thread):
    """Notes the command lines of all processes, as any user of the machine can."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.lines: set[str] = set()
        self.ended = threading.Event()

    def run(self) -> None:
        """Look until it is told to end."""
        while not self.ended.wait(0.05):
            own = psutil.Process().children(recursive=True)
            self.lines |= {" ".join(process.info["cmdline"] or ()) for process in _with_command_lines(own)}


def _with_command_lines(processes: list[psutil.Process]) -> Iterator[psutil.Process]:
    for process in processes:
        try:
            process.info = {"cmdline": process.cmdline()}
        except psutil.Error:
            continue
        yield process


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose tests fail in every way."""
    folder = tmp_path_factory.mktemp("project")
    files: Mapping[str, str] = {
        "examday.toml": CONFIGURATION,
        "conftest.py": CONFTEST,
        "test_uncollected.py": UNCOLLECTED,
        "test_skipped.py": SKIPPED,
        "test_fails.py": TESTS,
        "people.csv": PEOPLE,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


LOUD = (
    *(
        "-rA",
        "-vv",
        "--showlocals",
        "--tb=long",
        "--continue-on-collection-errors",
        "--junitxml=own.xml",
        "--html=own.html",
    ),
    *("-o", "log_cli=true", "-o", "log_cli_level=DEBUG", "--log-file=own.log", "--log-file-level=DEBUG"),
)


@pytest.mark.parametrize("how", WAYS.values(), ids=list(WAYS))
def test_no_secret_is_shown_anywhere(folder: Path, tmp_path: Path, how: tuple[str, ...]) -> None:
    environment = how[0].removeprefix("--env=")
    earlier = write_run(tmp_path / "earlier", environment=environment)
    command = [*PYTEST, f"--examday-evidence={earlier}", *LOUD, *how]
    watch = _Watch()
    watch.start()
    known = NAMED[environment] | {"KEYWORD_PASSWORD"}  # of another environment, and as secret
    told = {"NAMES": " ".join(sorted(known)), "TOLD": LISTED["token of a command"]}
    variables = {**os.environ, **SECRETS, **IN_ADDRESSES, **told}
    ended = subprocess.run(command, cwd=folder, env=variables, capture_output=True, timeout=240, check=False)
    watch.ended.set()
    watch.join()
    console = (ended.stdout + ended.stderr).decode()
    assert ended.returncode == 1, console
    assert "INTERNALERROR" not in console
    assert any("printf" in line for line in watch.lines) == (environment != "listed"), "the command was seen"
    texts = {str(path): path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()}
    del texts[str(folder / "people.csv")]
    assert {"own.xml", "own.html", "own.log", "report.md", "verdict.json"} <= {Path(name).name for name in texts}
    looked_for = {**{name: needles for name, needles in NEEDLES.items() if name in known}, **WHOLE}
    shown = {
        where: found
        for where, text in {"console": console, "processes": "\n".join(watch.lines), **texts}.items()
        if (found := _seen_in(text, looked_for)) and not where.endswith(".pyc")
    }
    assert shown == {}
    assert "\x1b" not in console, "nobody else moves the cursor"
    assert "[hidden]" in console
    assert re.search(r"^PASSED .*::test_headers_of_answers_are_not_logged", console, re.MULTILINE)
    shown_accounts = set(re.findall(r"^E       RuntimeError: (\[.*) (\[.*\]) user:(.*)$", console, re.MULTILINE))
    accounts = {"x": 2, "listed": 3, "commanded": 1}[environment]
    tokens = {"x": 0, "listed": 2, "commanded": 1}[environment]
    assert shown_accounts == {
        (str(["[hidden]"] * accounts), str(["[hidden]"] * tokens), "/".join(["[hidden]"] * accounts))
    }
