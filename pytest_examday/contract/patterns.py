"""Regular expressions of a configuration, and those of a header's name and value."""

import re
from typing import Annotated

from pydantic import AfterValidator

HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
"""The name of a header (RFC 9110, section 5.6.2, token)."""
HEADER_VALUE = r"[\t\x20-\x7e\x80-\xff]*"
"""The value of a header: Latin-1 without control characters but the tab."""


def pattern(text: str) -> str:
    """The regular expression itself. Raises ValueError if it is malformed."""
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as problem:
        raise ValueError(f"is no regular expression: {problem}") from None
    return text


Pattern = Annotated[str, AfterValidator(pattern)]
