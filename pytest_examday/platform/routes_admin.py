"""The endpoints of the admin operations; exam mode refuses them."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_examday.platform.admin import AdminOperations, ImportedQuestion, Row
from pytest_examday.platform.callers import administrator_of, services_of
from pytest_examday.platform.request_parts import body_of

_Endpoint = Callable[[Request], Awaitable[Response]]


class BroadcastBody(BaseModel):
    """The message to all candidates."""

    message: Annotated[str, Field(min_length=1, max_length=2000)] = "Please read the exam instructions."


class QuestionBody(BaseModel):
    """One question to import."""

    stem: str
    choices: dict[str, str]
    correct_choice: str
    theme_id: int = 1


class ImportBody(BaseModel):
    """The questions to import; with ``dry_run`` they are only checked."""

    dry_run: bool = False
    questions: Annotated[list[QuestionBody], Field(max_length=5000)] = []


def _refused_in_exam_mode(name: str, run: Callable[[AdminOperations, UUID], Awaitable[Row]]) -> _Endpoint:
    """The endpoint of an operation that takes no body."""

    async def endpoint(request: Request) -> Response:
        admin, operations = await administrator_of(request), services_of(request).admin
        operations.refuse_in_exam_mode(name)
        return JSONResponse(await run(operations, admin.user_id), status_code=202)

    return endpoint


async def broadcast(request: Request) -> Response:
    """Notify all candidates."""
    admin, operations = await administrator_of(request), services_of(request).admin
    body = await body_of(request, BroadcastBody, absent=BroadcastBody())
    operations.refuse_in_exam_mode("notification broadcast")
    return JSONResponse(await operations.broadcast(admin.user_id, body.message), status_code=202)


async def import_questions(request: Request) -> Response:
    """Import questions; a dry run only checks them and works in exam mode too."""
    admin, operations = await administrator_of(request), services_of(request).admin
    body = await body_of(request, ImportBody, absent=ImportBody())
    questions = [
        ImportedQuestion(item.stem, item.choices, item.correct_choice, item.theme_id) for item in body.questions
    ]
    if body.dry_run:
        return JSONResponse(await operations.validate_import(questions))
    operations.refuse_in_exam_mode("bulk question import")
    return JSONResponse(await operations.import_questions(admin.user_id, questions), status_code=202)


_recompute = _refused_in_exam_mode("BKT recompute", lambda operations, admin: operations.recompute_mastery(admin))
_rank = _refused_in_exam_mode("rank run", lambda operations, admin: operations.rank(admin))
_calibrate = _refused_in_exam_mode("IRT calibration", lambda operations, admin: operations.calibrate_items(admin))
_drain = _refused_in_exam_mode("e-mail outbox drain", lambda operations, admin: operations.drain_outbox(admin))

ROUTES = (
    Route("/v1/admin/bkt/recompute", _recompute, methods=["POST"]),
    Route("/v1/admin/rank/runs", _rank, methods=["POST"]),
    Route("/v1/admin/irt/runs", _calibrate, methods=["POST"]),
    Route("/v1/admin/email/outbox/drain", _drain, methods=["POST"]),
    Route("/v1/admin/notifications/broadcast", broadcast, methods=["POST"]),
    Route("/v1/admin/import/questions", import_questions, methods=["POST"]),
)
