"""How exam mode is verified: every worker is read, every guard is tried on every worker, and effects are looked at."""
