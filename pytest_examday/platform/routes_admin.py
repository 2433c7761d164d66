"""The endpoints of the admin operations; exam mode refuses them."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from pytest_examday.platform.admin import ImportedQuestion
from pytest_examday.platform.dependencies import AdminDep, ServicesDep

router = APIRouter()


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


@router.post("/v1/admin/bkt/recompute")
async def recompute(admin: AdminDep, services: ServicesDep) -> Response:
    """Recompute the mastery of all candidates."""
    services.admin.refuse_in_exam_mode("BKT recompute")
    return JSONResponse(await services.admin.recompute_mastery(admin.user_id), status_code=202)


@router.post("/v1/admin/rank/runs")
async def rank(admin: AdminDep, services: ServicesDep) -> Response:
    """Rank all candidates."""
    services.admin.refuse_in_exam_mode("rank run")
    return JSONResponse(await services.admin.rank(admin.user_id), status_code=202)


@router.post("/v1/admin/irt/runs")
async def calibrate(admin: AdminDep, services: ServicesDep) -> Response:
    """Calibrate all questions."""
    services.admin.refuse_in_exam_mode("IRT calibration")
    return JSONResponse(await services.admin.calibrate_items(admin.user_id), status_code=202)


@router.post("/v1/admin/email/outbox/drain")
async def drain(admin: AdminDep, services: ServicesDep) -> Response:
    """Send all pending mails."""
    services.admin.refuse_in_exam_mode("e-mail outbox drain")
    return JSONResponse(await services.admin.drain_outbox(admin.user_id), status_code=202)


@router.post("/v1/admin/notifications/broadcast")
async def broadcast(admin: AdminDep, services: ServicesDep, body: BroadcastBody | None = None) -> Response:
    """Notify all candidates."""
    services.admin.refuse_in_exam_mode("notification broadcast")
    message = (body or BroadcastBody()).message
    return JSONResponse(await services.admin.broadcast(admin.user_id, message), status_code=202)


@router.post("/v1/admin/import/questions")
async def import_questions(admin: AdminDep, services: ServicesDep, body: ImportBody | None = None) -> Response:
    """Import questions; a dry run only checks them and works in exam mode too."""
    wanted = body or ImportBody()
    questions = [
        ImportedQuestion(item.stem, item.choices, item.correct_choice, item.theme_id) for item in wanted.questions
    ]
    if wanted.dry_run:
        return JSONResponse(await services.admin.validate_import(questions))
    services.admin.refuse_in_exam_mode("bulk question import")
    return JSONResponse(await services.admin.import_questions(admin.user_id, questions), status_code=202)
