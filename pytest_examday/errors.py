"""Exceptions whose message is shown to people as one line."""

__all__ = ["Unmeasurable", "UsageProblem"]


class UsageProblem(Exception):
    """A mistake in configuration, arguments or files; the message names the thing and the valid choices."""


class Unmeasurable(Exception):
    """An activity could not measure what it was asked for; the message is the reason shown in the verdict."""
