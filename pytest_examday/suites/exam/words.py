"""The reason that a box of the report template has no outcome."""

NEEDS_BROWSER = "needs a browser"
"""Why no rehearsal measures a statement about the web page."""
