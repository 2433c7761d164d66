"""The statements of the report template that no rehearsal measures."""

NEEDS_BROWSER = "needs a browser"
"""Why no rehearsal measures a statement about the web page."""

NEVER_MEASURED = {NEEDS_BROWSER: ("No spinner hangs", "Graceful error messages on retries")}
"""The reason -> the statements."""
