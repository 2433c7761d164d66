"""What administrators do: heavy work, which exam mode refuses, and the switch of exam mode."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tests.foreign_platforms.pages.people import Person, logged_in, sent_by
from tests.foreign_platforms.pages.rendering import page
from tests.foreign_platforms.pages.worker import worker_of


async def show_staff(request: Request) -> Response:
    """The buttons, and exam mode as this worker sees it."""
    _require_staff(await logged_in(request))
    return page(request, "staff", exam_mode=await worker_of(request).exam_mode())


async def switch(request: Request) -> Response:
    """Switch exam mode; each worker sees it within 2 s."""
    person, fields = await sent_by(request)
    _require_staff(person)
    if fields.get("mode") not in ("on", "off"):
        raise HTTPException(400, "The field mode must be on or off.")
    async with worker_of(request).pool.connection() as connection:
        switching = "UPDATE exam.flags SET is_on = %s WHERE name = 'exam_mode'"
        await connection.execute(switching, (fields["mode"] == "on",))
    return RedirectResponse("/staff/mode", 303)


async def recalculate(request: Request) -> Response:
    """Count all scores again; refused in exam mode."""
    return await _work(request, "recalculate", silently="protected-executes-silently")


async def mails(request: Request) -> Response:
    """Send the mails that wait; refused in exam mode."""
    return await _work(request, "mails", openly="protected-executes")


async def _work(request: Request, name: str, openly: str = "", silently: str = "") -> Response:
    """Do it, or refuse it in exam mode; `openly` and `silently` are the defects by which it is done all the same."""
    person, _ = await sent_by(request)
    _require_staff(person)
    worker = worker_of(request)
    refused = await worker.exam_mode() and openly not in worker.defects
    if not refused or silently in worker.defects:
        async with worker.pool.connection() as connection:
            await connection.execute("INSERT INTO exam.staff_work (name) VALUES (%s)", (name,))
    if refused:
        raise HTTPException(423, "Exam mode is on.")
    return RedirectResponse("/staff", 303)


def _require_staff(person: Person) -> None:
    if not person.is_staff:
        raise HTTPException(403, "This page is for staff.")
