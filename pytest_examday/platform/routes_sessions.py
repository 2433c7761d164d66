"""The endpoints of exam sessions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from pytest_examday.platform.dependencies import IdentityDep, ServicesDep
from pytest_examday.platform.exams import Answer

router = APIRouter()

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200)]


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


@router.post("/v1/sessions")
async def create(
    identity: IdentityDep,
    services: ServicesDep,
    body: CreateBody | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Start an exam: 201 for a new one, 200 for the one that the same key has started before."""
    wanted = body or CreateBody()
    session, is_new = await services.exams.create(
        identity.user_id, wanted.question_count, idempotency_key, wanted.duration_seconds
    )
    return JSONResponse(session, status_code=201 if is_new else 200)


@router.get("/v1/sessions")
async def list_own(identity: IdentityDep, services: ServicesDep) -> Response:
    """The caller's exams."""
    return JSONResponse({"sessions": await services.exams.list_own(identity.user_id)})


@router.get("/v1/sessions/{session_id}")
async def view(session_id: UUID, identity: IdentityDep, services: ServicesDep) -> Response:
    """One exam with questions and answers."""
    return JSONResponse(await services.exams.view(identity.user_id, session_id))


@router.post("/v1/sessions/{session_id}/answers")
async def answer(session_id: UUID, body: AnswerBody, identity: IdentityDep, services: ServicesDep) -> Response:
    """Save one answer; 200 means that it is on disk."""
    sent = Answer(body.question_id, body.choice, body.sequence, body.marked)
    return JSONResponse(await services.exams.answer(identity.user_id, session_id, sent))


@router.post("/v1/sessions/{session_id}/submit")
async def submit(session_id: UUID, identity: IdentityDep, services: ServicesDep) -> Response:
    """Submit the exam. It counts once, however often it is sent, with or without an Idempotency-Key."""
    return JSONResponse(await services.exams.submit(identity.user_id, session_id))


@router.get("/v1/sessions/{session_id}/review")
async def review(session_id: UUID, identity: IdentityDep, services: ServicesDep) -> Response:
    """The corrected exam, after it was submitted."""
    return JSONResponse(await services.exams.review(identity.user_id, session_id))
