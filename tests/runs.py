"""How tests start a run of pytest of its own."""

import sys

PLUGINS = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:anyio")
"""As a user does, but that nothing is kept between runs, and that plugins of other packages, which no rehearsal uses,
are not imported: Hypothesis at the end and anyio at the beginning cost as much as the rest of a short run."""

PYTEST = (sys.executable, "-m", "pytest", *PLUGINS)
