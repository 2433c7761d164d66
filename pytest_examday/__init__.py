"""pytest-examday: an exam-day rehearsal as a test suite."""

__version__ = "0.1.0"
