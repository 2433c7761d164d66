"""The web page on which candidates sit the exam."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, Response

router = APIRouter()
_FILES = Path(__file__).parent / "static"
_NAMES = frozenset({"exam.css", "exam.js", "client.js", "icon.svg"})


@router.get("/")
async def page() -> Response:
    """The HTML of the page."""
    return FileResponse(_FILES / "index.html", headers={"Cache-Control": "no-cache"})


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """A style, script or icon of the page."""
    if name not in _NAMES:
        raise HTTPException(404, "no such file")
    return FileResponse(_FILES / name, headers={"Cache-Control": "no-cache"})
