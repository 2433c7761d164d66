"""The one error that ends the command line with a clear sentence."""


class PlatformError(Exception):
    """The platform cannot do what was asked; the message is one line fit for a person."""
