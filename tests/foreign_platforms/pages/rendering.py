"""Forms that are read and pages that are rendered."""

from pathlib import Path
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

_templates = Jinja2Templates(Path(__file__).with_name("templates"))


def page(request: Request, template: str, status: int = 200, **values: object) -> Response:
    """A page, with the session's CSRF value in its head if somebody is logged in."""
    values = {"csrf": getattr(request.state, "csrf", None), **values}
    return _templates.TemplateResponse(request, f"{template}.html", values, status)


async def form(request: Request) -> dict[str, str]:
    """The fields of a form (application/x-www-form-urlencoded); of a field that comes twice the last value."""
    return dict(parse_qsl((await request.body()).decode("latin-1"), keep_blank_values=True))


def number(fields: dict[str, str], name: str, least: int, most: int, default: str = "") -> int:
    """A field as a number. Raises HTTPException with status 400."""
    text = fields.get(name, default)
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise HTTPException(400, f"The field {name} must be a number between {least} and {most}.")
    return int(text)
