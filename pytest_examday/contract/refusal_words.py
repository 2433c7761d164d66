"""The platform's own words in a reply that refuses a request."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

_KEYS = ("detail", "message", "msg", "error", "title", "reason", "description")
"""Where platforms put the words of a refusal; the first is that of FastAPI, `title` that of RFC 9457."""
_CHARACTERS, _LOOKED_AT = 120, 1000
_DEEPEST = 8
_MARKUP = re.compile(r"<!--.*?-->|<(head|script|style)\b.*?(?:</\1>|\Z)|<[^>]*>?", re.DOTALL | re.IGNORECASE)


def refusal_words(body: Any, text: str = "", secrets: Iterable[str] = ()) -> str:
    """The words in the JSON body, or else in the text, on one line and cut. For a web page these are the words that a
    person sees. Empty if there are none. The secrets are hidden, because a platform may repeat them."""
    said = " ".join(hide_secrets(_first_words(body) or _visible_text(text), secrets).split())
    return said if len(said) <= _CHARACTERS else f"{said[:_CHARACTERS]}…"


def _visible_text(text: str) -> str:
    """What a person sees of the text; nothing of JSON."""
    begin = text[:_LOOKED_AT]
    if begin.lstrip()[:1] in ("{", "[") or text.strip() == "null":
        return ""
    return unescape(_MARKUP.sub(" ", begin)) if "<html" in begin.lower() else begin


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text with these secrets hidden. Call it before the text is cut: a part of a secret would not be found."""
    for secret in sorted(filter(None, set(secrets)), key=len, reverse=True):
        text = text.replace(secret, "[hidden]")
    return text


def quoted(words: str) -> str:
    """The words in quotation marks, to follow a status; empty if there are none."""
    return f' "{words}"' if words else ""


def _first_words(body: Any, depth: int = 0) -> str:
    """The first words in the body, also in an object or a list in their place, as FastAPI and RFC 9457 have them."""
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        inner = iter(body)
    elif isinstance(body, dict):
        inner = (body[key] for key in _KEYS if key in body)
    else:
        return ""
    return next(filter(None, (_first_words(part, depth + 1) for part in inner)), "") if depth < _DEEPEST else ""
