"""Bodies of several parts, as candidates of a load and probes send them."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.json_schema import file_schema
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.errors import UsageProblem
from pytest_examday.load.k6.translate import require_simple
from pytest_examday.target.api import Api
from tests.load.fake_exam import FakeExam, client_of
from tests.load.server import serving
from tests.suites.exam.load.sitting import script, sit
from tests.virtual_time import run_in_virtual_time

PARTS: Any = {
    "choice": "{value}",
    "marked": "{marked}",
    'a "quoted"\r\nname': "{sequence}",
    "paper": {
        "content": "{question_id}: {value}",
        "filename": "{question_id}.txt",
        "type": "text/plain; charset=utf-8",
    },
    "nothing": "{version}",
}
VALUES = {
    "session_id": "s-1",
    "question_id": "q1",
    "value": 'ü"\r\n--not the end',
    "sequence": 7,
    "version": None,
    "marked": True,
}


def _contract() -> Contract:
    answer = dict(CONTRACT.answer) | {"body": None, "multipart": PARTS}
    return CONTRACT.model_copy(update={"answer": Operation.model_validate(answer)})


@dataclass
class Desk(FakeExam):
    """Reads the parts of an answer, as a web framework does."""

    received: list[dict[str, Message]] = field(default_factory=list)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Note the parts; answer with the choice."""
        if not request.url.path.endswith("/answers"):
            return await super().handle(request)
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        message = message_from_bytes(head + request.content)
        assert message.get_content_type() == "multipart/form-data"
        assert int(request.headers["content-length"]) == len(request.content)
        parts: Any = message.get_payload()
        named = {str(part.get_param("name", header="content-disposition")): part for part in parts}
        self.received.append(named)
        choice = named["choice"].get_payload(decode=True).decode()
        self.answers[str(named["paper"].get_filename()).removesuffix(".txt")] = choice
        return httpx.Response(200, json={"choice": choice})


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def _as_meant(parts: dict[str, Message]) -> None:
    assert list(parts) == ["choice", "marked", "a %22quoted%22%0D%0Aname", "paper"], "a value that is None is left out"
    assert _text(parts["choice"]) == VALUES["value"]
    assert _text(parts["marked"]) == "true"
    assert _text(parts["a %22quoted%22%0D%0Aname"]) == "7"
    paper = parts["paper"]
    assert (paper.get_filename(), paper.get_content_type(), _text(paper)) == (
        "q1.txt",
        "text/plain",
        f"q1: {VALUES['value']}",
    )
    assert parts["choice"].get_filename() is None


def test_a_candidate_of_a_load_sends_the_parts() -> None:
    desk = Desk()
    answer = run_in_virtual_time(client_of(desk, contract=_contract()).send("answer", VALUES, "t"))
    assert (answer.outcome, answer.body) == ("ok", {"choice": VALUES["value"]})
    _as_meant(desk.received[0])


def test_a_probe_sends_the_same() -> None:
    desk = Desk()
    with serving(desk) as url:
        reply = Api(url, _contract()).call("answer", VALUES, "t")
    assert reply.accepted
    _as_meant(desk.received[0])


def test_an_exam_is_sat_with_them(tmp_path: Path) -> None:
    desk = Desk()
    sat = sit(desk, tmp_path, script(0, 1, 2), contract=_contract())
    assert (sat.fate.finished, len(desk.received), sat.fate.shown_wrongly) == (True, 3, ())


def test_no_value_can_end_its_part() -> None:
    sent = _contract().answer.multipart_for(VALUES)
    assert sent is not None
    boundary = re.match(rb"--(\S+)\r\n", sent)
    assert boundary is not None
    assert len(boundary[1]) > 32
    asked = "from pytest_examday.contract.multipart import CONTENT_TYPE; print(CONTENT_TYPE)"
    other = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)
    assert b"boundary=" in other.stdout
    assert boundary[1] not in other.stdout


def test_what_utf_8_cannot_hold_is_not_sent() -> None:
    values = VALUES | {"value": "\ud800"}
    assert run_in_virtual_time(client_of(Desk(), contract=_contract()).send("answer", values, "t")).status is None
    assert str(Api("http://exam.example", _contract()).call("answer", values, "t")).startswith("not sent")


@contextmanager
def _refused() -> Iterator[pytest.ExceptionInfo[UsageProblem]]:
    with pytest.raises(UsageProblem) as told:
        yield told


@pytest.mark.parametrize(
    ("multipart", "told"),
    [
        ("{a = 5}", "multipart.a: must be a text, or a table with content, filename and type"),
        ("{a = {content = 'x', typ = 'y'}}", "multipart.a.typ: unknown key; did you mean type? valid keys: content, "),
        ("{a = {filename = 'x'}}", "multipart.a.content: is missing"),
        ("{a = {content = 'x', type = 'text'}}", "multipart.a.type: "),
        ("'x'", "multipart: must be a table"),
        ("{a = '{valu}'}", "multipart: unknown placeholder {valu}; did you mean value? valid: {session_id}, "),
        ("{a = {content = 'x', filename = '{name}'}}", "multipart: unknown placeholder {name}; valid: "),
    ],
)
def test_a_mistake_in_a_part_is_told_with_its_key(tmp_path: Path, multipart: str, told: str) -> None:
    answer = f"method = 'POST'\npath = '/a'\nmultipart = {multipart}"
    operations = "create = {method = 'POST', path = '/e', finds = {session_id = 'id', questions = 'q'}}"
    rest = "read = {method = 'GET', path = '/e'}\nsubmit = {method = 'POST', path = '/s'}"
    text = f"[env.x.contract]\n{operations}\n{rest}\n[env.x.contract.answer]\n{answer}\n"
    (tmp_path / "examday.toml").write_text(text)
    with _refused() as problem:
        load_environment("x", None, None, (tmp_path,), {})
    lines = [line.partition("examday.toml: ")[2] for line in problem.value.mistakes]
    assert [line.startswith(f"env.x.contract.answer.{told}") for line in lines] == [True], lines


def test_a_request_has_one_body() -> None:
    with pytest.raises(ValueError, match="has a body and a multipart; a request carries one of them"):
        Operation(method="POST", path="/", body={}, multipart=PARTS)


def test_k6_says_that_it_cannot_send_them() -> None:
    with pytest.raises(UsageProblem, match=r"^--examday-engine k6 cannot do contract\.answer\.multipart, contract"):
        require_simple(_contract())


def test_editors_are_told_that_a_part_is_a_text_or_a_table() -> None:
    part = file_schema()["$defs"]["Operation"]["properties"]["multipart"]["anyOf"][0]["additionalProperties"]
    assert {"type": "string"} in part["anyOf"]
