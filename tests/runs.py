"""How tests start a run of pytest of its own."""

import sys

PLUGINS = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
"""As a user does, but that nothing is kept between runs, and that Hypothesis, which these tests use and no rehearsal
does, is not imported at the end of each: that alone is most of a short run."""

PYTEST = (sys.executable, "-m", "pytest", *PLUGINS)
