"""A small exam platform: a JSON API of two workers behind a balancer, with PostgreSQL and Redis.

`python -m tests.strangers.json_api --dir DIR` runs all of it, and `python -m tests.strangers.service` stops
and starts one service of it.
"""
