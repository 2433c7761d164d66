"""A drill as a suite and a run see it before the drill starts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from pytest_examday.core.line import Line


class SuiteDrill(Protocol):
    """The attributes of a drill that a run reads before the drill starts; `pytest_examday.drills.drill.Drill` has
    them."""

    @property
    def name(self) -> str:
        """The name of the drill in a profile."""

    @property
    def activity(self) -> str:
        """The name of the drill's activity."""

    @property
    def title(self) -> str:
        """The name of the drill in reports."""

    @property
    def phase(self) -> int:
        """The phase in which the drill runs."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that are judged by the drill's evidence."""

    @property
    def chart(self) -> Callable[[Any, Path], Any] | None:
        """The function that draws the drill's evidence; None if the drill has no chart of its own."""

    @property
    def always(self) -> bool:
        """Whether every rehearsal has the drill."""

    @property
    def standard(self) -> bool:
        """Whether the profile `standard` has the drill."""

    @property
    def needs_redis(self) -> bool:
        """Whether the drill disturbs Redis, which a platform may lack."""

    @property
    def needs_links(self) -> bool:
        """Whether the drill needs TCP links in front of PostgreSQL and Redis of an embedded platform."""

    @property
    def needs_proxy(self) -> bool:
        """Whether the drill needs a proxy in front of the workers of an embedded platform."""
