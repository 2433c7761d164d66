"""A picture of the page."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Picture:
    """A drawing under its heading, with the same in words."""

    heading: str
    drawing: Markup
    words: tuple[str, ...]
