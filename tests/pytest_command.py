"""How tests start a run of pytest of its own."""

import sys

PLUGINS = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:anyio")
"""As a user does, but that nothing is kept between runs, and that the plugins of Hypothesis and anyio, which no
rehearsal uses, are not loaded: Hypothesis, imported at the end of each run, is most of a short one."""

PYTEST = (sys.executable, "-m", "pytest", *PLUGINS)
