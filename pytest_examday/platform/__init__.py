"""The embedded exam platform: real PostgreSQL, real Redis and several API workers on one machine.

Run it with ``python -m pytest_examday.platform --dir DIR``; talk to the running one with
:class:`pytest_examday.platform.control.Control`.
"""
