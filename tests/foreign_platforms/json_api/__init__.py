"""A small exam platform: a JSON API of two workers behind a balancer, with PostgreSQL and Redis.

`python -m tests.foreign_platforms.json_api --dir DIR` runs all of it, and `python -m tests.foreign_platforms.service`
stops and starts one service of it."""
