"""Regular expressions of a configuration, and that of a header's name."""

import re
from typing import Annotated

from pydantic import AfterValidator

HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
"""The name of a header (RFC 9110, section 5.6.2, token)."""


def pattern(text: str) -> str:
    """The regular expression itself. Raises ValueError if it is malformed."""
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as problem:
        raise ValueError(f"is no regular expression: {problem}") from None
    return text


Pattern = Annotated[str, AfterValidator(pattern)]
