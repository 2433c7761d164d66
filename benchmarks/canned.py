"""A platform with fixed answers: nginx returns bodies that fit the reference contract.

It costs next to nothing, so that the cost of a load generator can be measured with it. Each question has one choice, so
the fixed answer always confirms what was chosen. Each session has an id of its own.
"""

import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHOICE = "B"
QUESTIONS = 60
_TOKENS = {"access_token": "canned-access", "refresh_token": "canned-refresh", "expires_in": 86_400, "user_id": "u-1"}
_SESSION = {"session_id": "$request_id", "status": "ACTIVE", "remaining_seconds": 3600, "score": None}
_ASKED = [{"question_id": f"q{number:02}", "choices": [{"key": CHOICE}]} for number in range(1, QUESTIONS + 1)]

BODIES: dict[str, tuple[str, int, dict[str, Any]]] = {
    "answer": (
        "~ ^/v1/sessions/[^/]+/answers$",
        200,
        {"session_id": "s-1", "question_id": "q1", "choice": CHOICE, "saved": True},
    ),
    "login": ("= /v1/auth/login", 200, _TOKENS),
    "refresh": ("= /v1/auth/refresh", 200, _TOKENS),
    "create": ("= /v1/sessions", 201, {**_SESSION, "questions": _ASKED}),
    "submit": ("~ ^/v1/sessions/[^/]+/submit$", 200, {"status": "SUBMITTED", "score": 0}),
    "review": ("~ ^/v1/sessions/[^/]+/review$", 200, {"score": 0, "questions": []}),
    "read": ("~ ^/v1/sessions/[^/]+$", 200, {**_SESSION, "questions": _ASKED, "answers": []}),
}
"""The operations of the contract: nginx's location, the status, the body; `$request_id` is new in each answer."""

_CONFIGURATION = """
daemon off; worker_processes 1; worker_rlimit_nofile 40000; pid {folder}/pid; error_log {folder}/error.log;
pcre_jit on;
events {{ worker_connections 35000; }}
http {{
    access_log off; keepalive_requests 100000000; keepalive_timeout 600;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{
        listen 127.0.0.1:{port} backlog=8192;
        default_type application/json;
{locations}
    }}
}}
"""


def configuration(folder: Path, port: int) -> str:
    """nginx's configuration."""
    locations = "\n".join(
        f"        location {where} {{ return {status} '{json.dumps(body, separators=(',', ':'))}'; }}"
        for where, status, body in BODIES.values()
    )
    return _CONFIGURATION.format(folder=folder, port=port, locations=locations)


@contextlib.contextmanager
def canned_platform(folder: Path, core: str) -> Iterator[str]:
    """An nginx with one worker on that core, its files in the folder; yields its address."""
    nginx = program("nginx", Path("/usr/sbin/nginx"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = folder / "nginx.conf"
    file.write_text(configuration(folder, port), encoding="utf-8")
    command = ["taskset", "-c", core, nginx, "-p", str(folder), "-c", str(file)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def program(name: str, first: Path) -> str:
    """The path of a program: `first` if it exists, else where PATH has it; raises SystemExit if it is not installed."""
    found = str(first) if first.exists() else shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed")
    return found


def _await(port: int) -> None:
    for _ in range(50):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit("nginx did not start")
