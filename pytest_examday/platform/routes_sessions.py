"""The endpoints of exam sessions."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_examday.platform.callers import caller_of, services_of
from pytest_examday.platform.exams import Answer
from pytest_examday.platform.request_parts import body_of, id_of, idempotency_key_of


class CreateBody(BaseModel):
    """The size of a new session. ``duration_seconds`` makes it shorter than the platform's exams are."""

    question_count: Annotated[int, Field(ge=1, le=500)] = 20
    duration_seconds: Annotated[int, Field(ge=1)] | None = None


class AnswerBody(BaseModel):
    """One answer; ``choice`` null leaves the question blank."""

    question_id: UUID
    choice: Annotated[str, Field(max_length=8)] | None
    sequence: Annotated[int, Field(ge=0, le=2**31 - 1)]
    marked: bool = False


async def create(request: Request) -> Response:
    """Start an exam: 201 for a new one, 200 for the one that the same key has started before."""
    caller, key = await caller_of(request), idempotency_key_of(request)
    body = await body_of(request, CreateBody, absent=CreateBody())
    exams = services_of(request).exams
    session, is_new = await exams.create(caller.user_id, body.question_count, key, body.duration_seconds)
    return JSONResponse(session, status_code=201 if is_new else 200)


async def list_own(request: Request) -> Response:
    """The caller's exams."""
    caller = await caller_of(request)
    return JSONResponse({"sessions": await services_of(request).exams.list_own(caller.user_id)})


async def view(request: Request) -> Response:
    """One exam with questions and answers."""
    caller, session_id = await caller_of(request), id_of(request, "session_id")
    return JSONResponse(await services_of(request).exams.view(caller.user_id, session_id))


async def answer(request: Request) -> Response:
    """Save one answer; 200 means that it is on disk."""
    caller, session_id = await caller_of(request), id_of(request, "session_id")
    body = await body_of(request, AnswerBody)
    sent = Answer(body.question_id, body.choice, body.sequence, body.marked)
    return JSONResponse(await services_of(request).exams.answer(caller.user_id, session_id, sent))


async def submit(request: Request) -> Response:
    """Submit the exam. It counts once, however often it is sent, with or without an Idempotency-Key."""
    caller, session_id = await caller_of(request), id_of(request, "session_id")
    return JSONResponse(await services_of(request).exams.submit(caller.user_id, session_id))


async def review(request: Request) -> Response:
    """The corrected exam, after it was submitted."""
    caller, session_id = await caller_of(request), id_of(request, "session_id")
    return JSONResponse(await services_of(request).exams.review(caller.user_id, session_id))


ROUTES = (
    Route("/v1/sessions", create, methods=["POST"]),
    Route("/v1/sessions", list_own),
    Route("/v1/sessions/{session_id}", view),
    Route("/v1/sessions/{session_id}/answers", answer, methods=["POST"]),
    Route("/v1/sessions/{session_id}/submit", submit, methods=["POST"]),
    Route("/v1/sessions/{session_id}/review", review),
)
