"""The error for a request that is not valid."""

from collections.abc import Mapping, Sequence


class InvalidRequest(Exception):
    """A request that is not valid. The reply has status 422, and ``problems`` is its detail."""

    def __init__(self, problems: Sequence[Mapping[str, object]]) -> None:
        super().__init__(problems)
        self.problems = problems
