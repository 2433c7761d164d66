"""A small platform that minds how its candidates enter: tokens end, refresh tokens work once, cookies and accounts
count."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import jwt

from tests.load.fake_exam import FakeExam

LIFE = 1.5
"""Seconds that a token lives."""
SECRET = "the-secret-by-which-this-platform-knows-tokens"
_COOKIE = re.compile(r"sid=([\w.-]+)")


@dataclass
class TokenServer(FakeExam):
    """An exam to which only good tokens lead. `refused` has every request that was refused, with the reason.

    `by_cookie`: a token is a session cookie, `signed`: a JWT that others sign. `people` may log in; None: everybody.
    The next `busy` sign-ups are too many. `tells_life`: answers tell how long a token lives.
    """

    by_cookie: bool = False
    signed: bool = False
    people: dict[str, str] | None = None
    busy: int = 0
    tells_life: bool = True
    ends: dict[str, float] = field(default_factory=dict)
    good_refresh: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    numbers: Any = field(default_factory=count)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer, but refuse who comes without a good token."""
        doors: dict[str, Callable[[dict[str, Any]], httpx.Response]] = {
            "/v1/auth/login": self._log_in,
            "/v1/auth/refresh": self._refresh_once,
            "/v1/auth/register": self._sign_up,
        }
        door = doors.get(request.url.path)
        answer = self._guarded(request) if door is None else door(json.loads(request.content))
        answer = await super().handle(request) if answer is None else answer
        if answer.status_code >= 400:
            self.refused.append(f"{request.url.path}: {answer.status_code} {answer.text}")
        await asyncio.sleep(0)
        return answer

    def give(self) -> tuple[str, str]:
        """A new token that lives from now, and its refresh token."""
        token, refresh = f"token-{next(self.numbers)}", f"refresh-{next(self.numbers)}"
        self.ends[token] = time.time() + LIFE
        self.good_refresh.add(refresh)
        return token, refresh

    def _guarded(self, request: httpx.Request) -> httpx.Response | None:
        cookie = _COOKIE.search(request.headers.get("cookie", ""))
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = (cookie[1] if cookie else "") if self.by_cookie else bearer
        if not self._is_good(token):
            return httpx.Response(401, json={"detail": "no good token"})
        self.used.add(token)
        return None

    def _is_good(self, token: str) -> bool:
        if not self.signed:
            return time.time() < self.ends.get(token, 0.0)
        try:
            return bool(jwt.decode(token, SECRET, algorithms=["HS256"])["sub"])
        except jwt.PyJWTError:
            return False

    def _log_in(self, body: dict[str, Any]) -> httpx.Response:
        if self.people is not None and self.people.get(body["email"]) != body["password"]:
            return httpx.Response(401, json={"detail": "no such account"})
        token, refresh = self.give()
        if self.by_cookie:
            return httpx.Response(200, json={}, headers={"Set-Cookie": f"sid={token}; HttpOnly"})
        told = {"access_token": token, "refresh_token": refresh, "expires_in": LIFE, "user_id": "user-1"}
        return httpx.Response(200, json=told)

    def _refresh_once(self, body: dict[str, Any]) -> httpx.Response:
        if body["refresh_token"] not in self.good_refresh:
            return httpx.Response(401, json={"detail": "used already"})
        self.good_refresh.remove(body["refresh_token"])
        token, refresh = self.give()
        told = {"access_token": token, "refresh_token": refresh}
        return httpx.Response(200, json={**told, "expires_in": LIFE} if self.tells_life else told)

    def _sign_up(self, body: dict[str, Any]) -> httpx.Response:
        if self.busy:
            self.busy -= 1
            return httpx.Response(503, json={"detail": "too many"})
        people = {} if self.people is None else self.people
        if body["email"] in people:
            return httpx.Response(409, json={"detail": "there is such an account"})
        people[body["email"]] = body["password"]
        return httpx.Response(201, json={"id": "user-1"})
