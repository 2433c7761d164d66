"""The body of a request as multipart/form-data, as a page sends a form with a file (RFC 7578)."""

import os
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pytest_examday.record import Record

_BOUNDARY = f"examday-{os.urandom(16).hex()}"
"""It is random, so that no value can contain it and end its own part."""
CONTENT_TYPE = f"multipart/form-data; boundary={_BOUNDARY}"
_ESCAPED = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}
"""What browsers make of these characters in the names of parts and files."""


class Part(Record):
    """One part: a field, or with `filename` a file. `type` is the media type of the content; None: it is not sent."""

    content: str
    filename: str | None = None
    type: Annotated[str, Field(pattern=r"^[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.-]+)*$")] | None = None


def _as_part(given: Any) -> Any:
    if isinstance(given, str):
        return {"content": given}
    if isinstance(given, dict | Part):
        return given
    raise ValueError("must be a text, or a table with content, filename and type")


Parts = dict[str, Annotated[Part, BeforeValidator(_as_part, json_schema_input_type=str | Part)]]
"""The parts by name; a text is the content of a field."""


def multipart_body(parts: Mapping[str, Part], filled: Callable[[str], str | None]) -> bytes:
    """The body with these parts. `filled` fills a template; a field whose content is None is left out.

    Raises ValueError if UTF-8 cannot hold a text.
    """
    lines: list[str] = []
    for name, part in parts.items():
        content = filled(part.content)
        if content is None:
            continue
        file = "" if part.filename is None else f'; filename="{_quoted(filled(part.filename) or "")}"'
        kind = "" if part.type is None else f"Content-Type: {part.type}\r\n"
        head = f'Content-Disposition: form-data; name="{_quoted(name)}"{file}\r\n{kind}'
        lines.append(f"--{_BOUNDARY}\r\n{head}\r\n{content}\r\n")
    return "".join((*lines, f"--{_BOUNDARY}--\r\n")).encode()


def _quoted(name: str) -> str:
    return name.translate(_ESCAPED)
