"""Words by which pydantic's own messages are recognised."""

import re

_WORDS = re.compile(
    r"Input should|Input tag|Field required|Extra inputs|Value error|Assertion failed|Unable to|valid (tuple|string|"
    r"list|dict|integer|number|boolean|URL|dictionary)|discriminator|pydantic|validation error|List should|"
    r"String should|Tuple should|Dictionary should|should (be|have|match)|NoneType|instance of|type=|"
    r"Traceback|INTERNALERROR"
)


def said_by_the_validator(text: str) -> str | None:
    """The first of its words in the text; None if there is none."""
    found = _WORDS.search(text)
    return None if found is None else found[0]
