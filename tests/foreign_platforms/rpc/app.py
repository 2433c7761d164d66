"""The API of one worker: one path for all methods, two for probes, and a log line for each call."""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.foreign_platforms.rpc import exams, tickets
from tests.foreign_platforms.rpc.node import Caller, Failure, Node, Params

_TENANT = "north"


class _Sent(BaseModel):
    """A call as JSON-RPC 2.0 writes it. Calls without an id and several calls at once are refused."""

    model_config = ConfigDict(strict=True, extra="forbid")

    jsonrpc: Literal["2.0"]
    id: int | str
    method: str
    params: dict[str, Any] = {}


@dataclass
class _Call:
    """What is known of a call so far."""

    id: int | str | None = None
    method: str | None = None
    who: str | None = None


@dataclass(frozen=True)
class _Method:
    """A method that takes a ticket; `staff`: only one of an administrator."""

    params: type[Params]
    carry_out: Callable[[Node, Caller, Any], Awaitable[dict[str, Any]]]
    staff: bool = False


async def _mode(node: Node, _: Caller, __: tickets.Nothing) -> dict[str, Any]:
    return {"mode": node.mode, "node": node.name}


def _heavy(name: str) -> _Method:
    """A protected operation, refused in exam mode. What it does is one row in `job`."""

    async def carry_out(node: Node, _: Caller, __: tickets.Nothing) -> dict[str, Any]:
        refused = node.mode == "exam"
        if not refused or "protected-executes" in node.defects:
            async with node.pool.connection() as connection:
                await connection.execute("INSERT INTO job (name) VALUES (%s)", (name,))
        if refused:
            raise Failure(4230, "refused in exam mode")
        return {"done": name}

    return _Method(tickets.Nothing, carry_out, staff=True)


_METHODS = {
    "auth.leave": _Method(tickets.Nothing, tickets.leave),
    "exam.open": _Method(exams.Opening, exams.open_exam),
    "exam.get": _Method(exams.Exam, exams.get),
    "exam.put": _Method(exams.Put, exams.put),
    "exam.close": _Method(exams.Exam, exams.close),
    "exam.result": _Method(exams.Exam, exams.result),
    "exam.mode": _Method(tickets.Nothing, _mode),
    "admin.reindex": _heavy("reindex"),
    "admin.notify": _heavy("notify"),
}


async def _carried_out(node: Node, request: Request, call: _Call) -> dict[str, Any]:
    try:
        sent = _Sent.model_validate_json(await request.body())
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise Failure(-32700, "not JSON") from error
        raise Failure(-32600, "not a call of JSON-RPC 2.0 with an id") from error
    call.id, call.method = sent.id, sent.method
    if request.headers.get("X-Tenant") != _TENANT:
        raise Failure(4000, "header X-Tenant is missing or unknown", 400)
    if sent.method == "auth.enter":
        call.who, told = await tickets.enter(node, tickets.Account(**sent.params))
        return told
    if sent.method == "auth.renew":
        call.who, told = await tickets.renew(node, tickets.Ticket(**sent.params))
        return told
    method = _METHODS.get(sent.method)
    if method is None:
        raise Failure(-32601, "no such method")
    caller = await tickets.caller_of(node, request.headers.get("X-Ticket"))
    call.who = caller.login
    if method.staff and not caller.staff:
        raise Failure(4030, "for administrators")
    return await method.carry_out(node, caller, method.params(**sent.params))


async def _rpc(request: Request) -> JSONResponse:
    node: Node = request.app.state.node
    began, call, failure, told = time.monotonic(), _Call(), None, {}
    try:
        told = {"result": await _carried_out(node, request, call)}
    except Failure as error:
        failure = error
    except ValidationError as error:
        failure = Failure(-32602, f"params: {error.errors()[0]['msg']}")
    except psycopg.DataError:
        failure = Failure(-32602, "params: a text that cannot be stored")
    except psycopg.OperationalError as error:
        failure = Failure(5030, f"no database: {error}", 503)
    if failure is not None:
        data = {"data": failure.data} if failure.data else {}
        told = {"error": {"code": failure.code, "message": failure.message, **data}}
    node.log(
        rpc=call.method,
        code=failure.code if failure else 0,
        ms=round((time.monotonic() - began) * 1000, 3),
        trace=request.headers.get("X-Trace"),
        who=call.who,
    )
    return JSONResponse({"jsonrpc": "2.0", "id": call.id, **told}, failure.http if failure else 200)


async def _live(request: Request) -> JSONResponse:
    return JSONResponse({"live": True, "node": request.app.state.node.name})


async def _ready(request: Request) -> JSONResponse:
    node: Node = request.app.state.node
    try:
        async with node.pool.connection(timeout=1.0) as connection:
            await connection.execute("SELECT 1")
        database = True
    except psycopg.OperationalError:
        database = False
    limits = (await node.counted("looks"))[0] > 0
    return JSONResponse({"ready": database, "database": database, "limits": limits}, 200 if database else 503)


def create() -> Starlette:
    """The application of the worker that the environment describes."""
    node = Node(os.environ)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await node.pool.open(wait=False)
        yield
        await node.close()

    routes = [
        Route("/rpc", _rpc, methods=["POST"]),
        Route("/live", _live),
        Route("/ready", _ready),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.node = node
    return app
