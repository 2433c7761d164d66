"""pytest-examday: an exam-day rehearsal as a test suite."""

__all__ = ["__version__"]

__version__ = "0.1.0"
