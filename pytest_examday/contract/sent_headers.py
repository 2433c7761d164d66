"""The names and values of headers that requests send. A line break in one would begin another header."""

import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from pytest_examday.contract.patterns import HEADER_NAME, HEADER_VALUE

NO_HEADER_VALUE = "holds a line break or another character that no header may hold"
_NAME = re.compile(HEADER_NAME)
_VALUE = re.compile(HEADER_VALUE)
_Any = TypeVar("_Any")


def fits_into_header(text: str) -> bool:
    """Whether a header may hold the text."""
    return _VALUE.fullmatch(text) is not None


def _checked_name(name: _Any) -> _Any:
    if isinstance(name, str) and not _NAME.fullmatch(name):
        raise ValueError("is no name of a header: letters, digits and !#$%&'*+.^_`|~- only")
    return name


def _checked_value(text: str) -> str:
    if not fits_into_header(text):
        raise ValueError(NO_HEADER_VALUE)
    return text


def _checked_secret(secret: SecretStr) -> SecretStr:
    _checked_value(secret.get_secret_value())
    return secret


HeaderName = Annotated[str, BeforeValidator(_checked_name), Field(pattern=f"^{HEADER_NAME}$")]
HeaderValue = Annotated[str, AfterValidator(_checked_value)]
SecretHeaderValue = Annotated[SecretStr, AfterValidator(_checked_secret)]
