"""Migrations are rehearsed on scratch databases: forward, back, again, with rows, and while a client works."""
