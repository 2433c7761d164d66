"""The exception of the embedded platform."""


class PlatformError(Exception):
    """The platform cannot do what was asked; the message is one line for people."""
