"""The exception of the embedded platform."""

from pytest_examday.local_servers.local_server_error import LocalServerError


class PlatformError(LocalServerError):
    """The platform cannot do what was asked; the message is one line for people."""
