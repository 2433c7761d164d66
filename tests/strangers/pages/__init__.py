"""A small exam platform of pages that its two workers render, with PostgreSQL alone; `README.md` describes its paths.

`python -m tests.strangers.pages --dir DIR` runs all of it, and `python -m tests.strangers.service` stops and starts one
service of it.
"""
