"""A picture of the report."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Picture:
    """A drawing with its heading and a description in words."""

    heading: str
    drawing: Markup
    words: tuple[str, ...]
