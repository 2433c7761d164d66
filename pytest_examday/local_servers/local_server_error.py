"""The exception of the embedded services."""


class LocalServerError(Exception):
    """A server or service cannot do what was asked; the message is one line for people."""
