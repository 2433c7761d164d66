"""A platform of server-rendered pages, small enough to live inside a test, and its contract."""

from dataclasses import dataclass, field

import httpx

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from tests.load.fake_exam import FakeExam

SITE = Contract.model_validate(
    dict(CONTRACT)
    | {
        "headers": {"X-Tenant": "north", "X-Forwarded-For": "{address}"},
        "token_header": "Cookie: sid={token}; seen={visit}",
        "before_login": Operation(
            method="GET",
            path="/enter",
            auth="none",
            page={"csrf": "input@value"},
            keeps={"csrf": "csrf", "pre": "cookie:pre"},
        ),
        "login": Operation(
            method="POST",
            path="/enter",
            auth="none",
            headers={"Cookie": "pre={pre}"},
            form={"email": "{email}", "word": "{password}", "csrf": "{csrf}"},
            success=(303,),
            finds={"access_token": "cookie:sid"},
            keeps={"visit": "header:X-Visit"},
        ),
        "after_login": Operation(method="GET", path="/exams", page={"csrf": "input@value"}, keeps={"csrf": "csrf"}),
        "answer": Operation(
            method="POST",
            path="/exams/{session_id}/answers",
            form={"choice": "{value}", "marked": "{marked}", "csrf": "{csrf}"},
            success=(303,),
            success_when="header:Location ~ (/exams/)",
            finds={"saved": "header:Location ~ /exams/(\\d+)"},
        ),
    }
)


@dataclass
class Site(FakeExam):
    """A platform of pages; `seen_by_it` has the requests."""

    seen_by_it: list[httpx.Request] = field(default_factory=list)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer as such a site does."""
        self.seen_by_it.append(request)
        if request.url.path == "/exams" and self.tokens:
            return httpx.Response(503, text="<html><p>Closed")
        if request.method == "GET":
            page = '<form><input type="hidden" name="csrf" value="c&amp;1 ü"></form>'
            return httpx.Response(200, text=page, headers={"Set-Cookie": "pre=p-1; HttpOnly"})
        if request.url.path == "/enter":
            return httpx.Response(303, headers={"Set-Cookie": "sid=s-1", "X-Visit": "v-1", "Location": "/exams"})
        return httpx.Response(303, headers={"Location": "/enter" if self.tokens else "/exams/17"})
