"""Imports what a run of pytest with the plugin imports late, so that runs within this process share it.

pytester drops every module that a run has imported. Without this module each of several hundred runs would import the
report again and compile its templates again.
"""

import pytest_examday.fixtures
import pytest_examday.report.html
import pytest_examday.report.write
import pytest_examday.session.activate
import pytest_examday.session.hooks
import pytest_examday.suites.exam.report.markdown
import pytest_examday.suites.exam.report.pictures  # noqa: F401 # every import here is for its effect
