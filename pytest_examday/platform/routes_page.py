"""The web page on which candidates sit the exam."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

_FILES = Path(__file__).parent / "static"
_NAMES = frozenset({"exam.css", "exam.js", "client.js", "icon.svg"})


async def page(_request: Request) -> Response:
    """The HTML of the page."""
    return FileResponse(_FILES / "index.html", headers={"Cache-Control": "no-cache"})


async def static(request: Request) -> Response:
    """A style, script or icon of the page."""
    name = request.path_params["name"]
    if name not in _NAMES:
        raise HTTPException(404, "no such file")
    return FileResponse(_FILES / name, headers={"Cache-Control": "no-cache"})


ROUTES = (
    Route("/", page),
    Route("/static/{name}", static),
)
