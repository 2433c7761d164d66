"""The error for a request that is not valid."""

from collections.abc import Mapping, Sequence


class InvalidRequest(Exception):
    """A request that is not valid; it is answered with 422, and ``problems`` is the detail of the answer."""

    def __init__(self, problems: Sequence[Mapping[str, object]]) -> None:
        super().__init__(problems)
        self.problems = problems
