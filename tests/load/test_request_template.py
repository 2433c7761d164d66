"""Requests as bytes: what is sent, and that nothing put into one can make it another."""

import json
from typing import Any, Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_examday.contract.operation import Operation
from pytest_examday.contract.templates import Values
from pytest_examday.load.request import (
    Origin,
    Unsendable,
    header_line,
    target,
)
from pytest_examday.load.request_template import RequestTemplate

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
EXAM = Origin.of("http://exam.example:8000/api/")
ID = "X-Request-ID"


def _sent(method: Method, path: str, body: Any = None, values: Values | None = None, headers: str = "") -> bytes:
    operation = Operation(method=method, path=path, body=body)
    return RequestTemplate(EXAM, operation, ID).fill(values or {}, "ed-1", headers)


def test_a_request_goes_out_as_one_message() -> None:
    more = f"\r\n{header_line('Authorization', 'Bearer t')}"
    head, body = _sent("POST", "/v1/answers", {"text": "{text}"}, {"text": "ü"}, more).split(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /api/v1/answers HTTP/1.1",
        b"Host: exam.example:8000",
        b"Accept: */*",
        b"Accept-Encoding: identity",
        b"User-Agent: pytest-examday",
        b"X-Request-ID: ed-1",
        b"Authorization: Bearer t",
        b"Content-Type: application/json",
        b"Content-Length: 13",
    ]
    assert body == '{"text":"ü"}'.encode()


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [("GET", None, None), ("DELETE", None, None), ("POST", None, b"0"), ("PUT", {}, b"2"), ("DELETE", [], b"2")],
)
def test_a_length_is_told_wherever_a_server_may_expect_one(method: Method, body: Any, length: bytes | None) -> None:
    lines = _sent(method, "/", body).split(b"\r\n")
    assert [line for line in lines if line.startswith(b"Content-Length")] == (
        [] if length is None else [b"Content-Length: " + length]
    )


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/v1/sessions/s-1?page=1&of=a+b", "/v1/sessions/s-1?page=1&of=a+b"),
        ("/a%2Fb%c3%BC", "/a%2Fb%c3%BC"),
        ("/100%", "/100%25"),
        ("/Prüfung/数学", "/Pr%C3%BCfung/%E6%95%B0%E5%AD%A6"),
        ('/a b"<#>', "/a%20b%22%3C%23%3E"),
        ("/\x00\t", "/%00%09"),
        ("v1/health", "/v1/health"),
    ],
)
def test_a_path_is_sent_as_given_and_quoted_where_it_must_be(path: str, sent: str) -> None:
    assert target("", path) == sent


@given(path=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")))
def test_no_path_can_end_the_request_line(path: str) -> None:
    sent = target("", path)
    assert sent.startswith("/")
    assert sent.isascii()
    assert not set(sent) & set(" \t\r\n\x00")


PLACEHOLDERS = ["{a}", "{b}", "text {a}", "{a}{b}", "ü%", "%s", "%%", "{", "{}", "{a", ""]
_json_values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False)
)
_any_values = _json_values | st.text(max_size=8) | st.floats()
_sendable_values, _values = (
    st.fixed_dictionaries({name: value | st.lists(value, max_size=2) for name in "ab"})
    for value in (_json_values, _any_values)
)
_bodies = st.recursive(
    st.sampled_from([*PLACEHOLDERS, 1, 1.5, True, None]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["k", "%", '"', "{a}"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(body=_bodies, values=_sendable_values)
def test_a_body_says_what_filling_and_encoding_it_anew_would_say(body: Any, values: Values) -> None:
    assume(body is not None)
    operation = Operation(method="POST", path="/", body=body)
    expected = json.dumps(operation.body_for(values), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    head, _, content = RequestTemplate(EXAM, operation, ID).fill(values, "ed-1").partition(b"\r\n\r\n")
    assert head.endswith(b"Content-Length: %d" % len(content))
    assert json.loads(content) == json.loads(expected)
    assert repr(json.loads(content)) == repr(json.loads(expected))


@pytest.mark.parametrize("body", ["{a}", ["{a}"], {"k": "{a}"}], ids=repr)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]], ids=repr)
def test_a_number_that_json_does_not_know_is_not_sent(body: Any, value: object) -> None:
    template = RequestTemplate(EXAM, Operation(method="POST", path="/", body=body), ID)
    with pytest.raises(Unsendable):
        template.fill({"a": value}, "ed-1")


_path_parts = st.sampled_from(["/", "{a}", "{b}", "v1", "?x=", "%", "%4", "1", "ü", " ", "{", "-"])


@given(parts=st.lists(_path_parts, max_size=6), prefix=st.sampled_from(["", "/api", "/a%4"]), values=_values)
def test_a_path_is_what_filling_and_quoting_it_anew_would_give(parts: list[str], prefix: str, values: Values) -> None:
    operation = Operation(method="GET", path="".join(parts))
    template = RequestTemplate(Origin(False, "exam.example", 80, "exam.example", prefix), operation, ID)
    try:
        expected = target(prefix, operation.path_for(values))
    except Unsendable:
        with pytest.raises(Unsendable):
            template.fill(values, "ed-1")
    else:
        assert template.fill(values, "ed-1").startswith(f"GET {expected} HTTP/1.1\r\n".encode())


@given(value=st.text(st.characters(codec="utf-8", exclude_characters="\r\n")))
def test_no_value_of_an_id_ends_the_request_line(value: str) -> None:
    operation = Operation(method="GET", path="/v1/sessions/{session_id}/review")
    try:
        sent = RequestTemplate(EXAM, operation, ID).fill({"session_id": value}, "ed-1")
    except Unsendable:
        return
    line, *fields = sent.split(b"\r\n")
    assert line.count(b" ") == 2
    assert [field.partition(b":")[0] for field in fields] == [
        b"Host",
        b"Accept",
        b"Accept-Encoding",
        b"User-Agent",
        b"X-Request-ID",
        b"",
        b"",
    ]


@pytest.mark.parametrize(
    ("path", "body", "values"),
    [
        ("/v1/sessions/{a}", None, {"a": "s\r\nX-Evil: 1"}),
        ("/v1/sessions/{a}", None, {"a": "s\n"}),
        ("{a}", None, {"a": "/\r"}),
        ("/{a}", None, {"a": "\ud800"}),
        ("/v1/s\n", None, {}),
        ("/", {"value": "{a}"}, {"a": float("nan")}),
        ("/", {"value": "{a}"}, {"a": [float("inf")]}),
        ("/", {"value": "{a}"}, {"a": "\ud800"}),
        ("/", {"value": "is {a}"}, {"a": "\ud800"}),
        ("/", "\ud800", {}),
    ],
)
def test_what_would_become_another_request_is_not_sent(path: str, body: Any, values: Values) -> None:
    operation = Operation.model_construct(method="POST", path=path, body=body)
    with pytest.raises(Unsendable):
        RequestTemplate(EXAM, operation, ID).fill(values, "ed-1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer t\r\nX-Evil: 1"),
        ("Authorization", "Bearer t\n"),
        ("Authorization", "Bearer \x00"),
        ("Authorization", "Bearer 数"),
        ("X-Evil: 1\r\nX", "1"),
        ("", "1"),
    ],
)
def test_a_header_that_would_become_another_is_refused(name: str, value: str) -> None:
    with pytest.raises(Unsendable):
        header_line(name, value)


def test_a_refused_header_does_not_show_its_value() -> None:
    with pytest.raises(Unsendable) as refusal:
        header_line("Authorization", "Bearer secret\n")
    assert "secret" not in str(refusal.value)


def test_an_id_header_that_cannot_be_one_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(Unsendable):
        RequestTemplate(EXAM, Operation(method="GET", path="/"), "X Request")
