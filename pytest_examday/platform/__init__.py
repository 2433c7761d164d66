"""The embedded exam platform: PostgreSQL, Redis and several API workers on one machine.

Run it with ``python -m pytest_examday.platform --dir DIR``. Control a running one with
:class:`pytest_examday.local_servers.control.Control`.
"""
