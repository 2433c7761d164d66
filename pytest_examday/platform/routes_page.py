"""The candidates' web page."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, Response

router = APIRouter()
_FILES = Path(__file__).parent / "static"
_NAMES = frozenset({"exam.css", "exam.js", "client.js", "icon.svg"})


@router.get("/")
async def page() -> Response:
    """The page on which candidates sit the exam."""
    return FileResponse(_FILES / "index.html", headers={"Cache-Control": "no-cache"})


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """Style and script of the page."""
    if name not in _NAMES:
        raise HTTPException(404, "no such file")
    return FileResponse(_FILES / name, headers={"Cache-Control": "no-cache"})
