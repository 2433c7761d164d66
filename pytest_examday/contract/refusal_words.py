"""The platform's own words in an answer that was no success."""

from typing import Any

_TOLD = ("detail", "message", "msg", "error", "title", "reason", "description")
"""Where platforms put the words of a refusal; the first is that of FastAPI, `title` that of RFC 9457."""
_CHARACTERS, _LOOKED_AT = 120, 1000
_DEEPEST = 8


def refusal_words(body: Any, text: str = "") -> str:
    """The words in the JSON body, else the text that is no JSON, on one line and cut; empty where there are none
    or it is a web page."""
    plain = "" if text.strip() == "null" or "<html" in text.lower() else text[:_LOOKED_AT]
    said = " ".join((_found(body) if body is not None else plain).split())
    return said if len(said) <= _CHARACTERS else f"{said[:_CHARACTERS]}…"


def without(words: str, *secrets: str | None) -> str:
    """The words with these secrets hidden, which a platform may repeat."""
    for secret in filter(None, secrets):
        words = words.replace(secret, "[hidden]")
    return words


def quoted(words: str) -> str:
    """The words in quotation marks, to follow a status; empty where there are none."""
    return f' "{words}"' if words else ""


def _found(body: Any, depth: int = 0) -> str:
    """The first words in the body, also in an object or a list in their place, as FastAPI and RFC 9457 have them."""
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        inner = iter(body)
    elif isinstance(body, dict):
        inner = (body[key] for key in _TOLD if key in body)
    else:
        return ""
    return next(filter(None, (_found(one, depth + 1) for one in inner)), "") if depth < _DEEPEST else ""
