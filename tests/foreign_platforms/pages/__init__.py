"""A small exam platform of pages that its two workers render, with PostgreSQL alone; `README.md` describes its paths.

`python -m tests.foreign_platforms.pages --dir DIR` runs all of it, and `python -m tests.foreign_platforms.service`
stops and starts one service of it."""
