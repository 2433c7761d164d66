"""Exceptions whose message is shown to people, each mistake or reason as one line."""

__all__ = ["Unmeasurable", "UsageProblem"]


class UsageProblem(Exception):
    """Mistakes in configuration, arguments or files: each is one line that names the thing and the valid choices."""

    def __init__(self, *mistakes: str) -> None:
        self.mistakes = tuple(" ".join(mistake.splitlines()) for mistake in mistakes)
        super().__init__(*self.mistakes)

    def __str__(self) -> str:
        return "\n".join(self.mistakes)


class Unmeasurable(Exception):
    """An activity could not measure what it was asked for; the message is the reason shown in the verdict."""
