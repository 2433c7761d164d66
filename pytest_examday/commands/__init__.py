"""The commands of `python -m pytest_examday`: one module each, listed in `pytest_examday/__main__.py`."""
