"""The checked parts of a request: its body, an id in its path, its Idempotency-Key.

Each function raises InvalidRequest if the part is not valid. A problem names the place (``loc``), says what is wrong
(``msg``, ``type``), and leaves out the value: it may be a password.
"""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.requests import Request

from pytest_examday.platform.invalid_request import InvalidRequest

Model = TypeVar("Model", bound=BaseModel)
Value = TypeVar("Value")

_ID = TypeAdapter(UUID)
_KEY = TypeAdapter(Annotated[str, Field(min_length=1, max_length=200)])


async def body_of(request: Request, model: type[Model], absent: Model | None = None) -> Model:
    """The JSON body. ``absent`` stands for an empty body or ``null``; without it the body is required."""
    body = await request.body()
    if absent is not None and body in (b"", b"null"):
        return absent
    if not body:
        raise _invalid("Field required", "missing")
    if not _is_json(request.headers.get("content-type", "")):
        raise _invalid("The Content-Type must be application/json", "content_type")
    return _checked(lambda: model.model_validate_json(body), "body")


def id_of(request: Request, name: str) -> UUID:
    """The UUID in the path that the route calls ``name``."""
    return _checked(lambda: _ID.validate_python(request.path_params[name]), "path", name)


def idempotency_key_of(request: Request) -> str | None:
    """The Idempotency-Key, 1 to 200 characters; None without one."""
    key = request.headers.get("idempotency-key")
    return None if key is None else _checked(lambda: _KEY.validate_python(key), "header", "idempotency-key")


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type.startswith("application/") and media_type.endswith(("/json", "+json"))


def _checked(check: Callable[[], Value], *place: str) -> Value:
    try:
        return check()
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [{"loc": [*place, *item["loc"]], "msg": item["msg"], "type": item["type"]} for item in errors]
        raise InvalidRequest(problems) from error


def _invalid(message: str, kind: str) -> InvalidRequest:
    return InvalidRequest([{"loc": ["body"], "msg": message, "type": kind}])
