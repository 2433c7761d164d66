"""A refused operation names the key that is wrong, or all keys that may be."""

import pytest

from pytest_examday.contract.operation import Operation
from pytest_examday.suites.exam.check.likely_keys import likely_key
from pytest_examday.target.api import Reply

ACCOUNT = ("env.x.admin",)
RPC = {"method": "POST", "path": "/rpc", "success": (200,), "success_when": "result"}


def _rpc(words: str, auth: str = "candidate") -> Reply:
    """The refusal of a platform that answers every call with HTTP 200."""
    operation = Operation.model_validate({**RPC, "auth": auth, "body": {"method": "do"}})
    body = {"error": {"code": -1, "message": words}}
    return Reply(operation, 200, body, "ed-1", 1.0, text=str(body))


def _rest(status: int, words: str = "", *, auth: str = "candidate", **sent: object) -> Reply:
    operation = Operation.model_validate({"method": "POST", "path": "/x", "auth": auth, **sent})
    return Reply(operation, status, {"detail": words}, "ed-1", 1.0, text=words)


@pytest.mark.parametrize(
    ("name", "reply", "entered_by", "key"),
    [
        ("answer", _rpc("params.version: Field required"), (), "contract.answer.body"),
        ("review", _rpc("no such method"), (), "contract.review.body"),
        ("clear", _rpc("params.given is missing"), (), "contract.clear.body"),
        ("login", _rpc("params.secret: Field required", "none"), ACCOUNT, "contract.login.body"),
        (
            "login",
            _rpc("header X-Tenant is missing", "none"),
            ACCOUNT,
            "one of: contract.headers, contract.login.headers",
        ),
        (
            "login",
            _rpc("user or secret is wrong", "none"),
            ACCOUNT,
            "one of: env.x.admin, contract.login.body, contract.login.success_when",
        ),
        ("create", _rpc("no"), (), "one of: contract.create.body, contract.create.success_when"),
        (
            "create",
            _rpc("login required"),
            (),
            "one of: contract.create.body, contract.token_header, contract.create.success_when",
        ),
        (
            "create",
            _rest(401, "authentication required"),
            (),
            "one of: contract.token_header, contract.login.finds.access_token, contract.create",
        ),
        (
            "login",
            _rest(401, "no such person", auth="none", form={"mail": "{email}"}),
            ACCOUNT,
            "one of: env.x.admin, contract.login.form",
        ),
        ("answer", _rest(422, form={"pick": "{value}"}), (), "contract.answer.form"),
        ("answer", _rest(404, "a required page is missing"), (), "contract.answer.path"),
        ("answer", _rest(405), (), "contract.answer.method"),
        ("create", _rest(202), (), "contract.create.success = [202]"),
        ("create", _rest(500), (), "contract.create"),
        ("create", _rest(409), (), "contract.create"),
    ],
)
def test_the_reply_tells_which_key_is_likely_to_be_wrong(
    name: str, reply: Reply, entered_by: tuple[str, ...], key: str
) -> None:
    assert likely_key(name, reply, entered_by=entered_by) == key


def test_a_call_that_sends_nothing_has_nothing_wrong_in_its_body() -> None:
    operation = Operation(method="GET", path="/ready", auth="none", success_when="state == 'fine'")
    reply = Reply(operation, 200, {"state": "up"}, "ed-1", 1.0, text="up")
    assert likely_key("ready", reply) == "contract.ready.success_when"


def test_without_a_reply_the_address_is_wrong() -> None:
    operation = Operation(method="GET", path="/x")
    assert likely_key("read", Reply(operation, None, None, "ed-1", 1.0, "connection refused")) == "api_url"
