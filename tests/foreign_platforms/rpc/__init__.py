"""A small exam platform of one path: JSON-RPC on two workers, with PostgreSQL, and Redis for limits alone.

`python -m tests.foreign_platforms.rpc --dir DIR` runs all of it. README.md tells its users how to call it.
"""
