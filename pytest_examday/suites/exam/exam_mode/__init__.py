"""How exam mode is verified: every worker is read, every protected operation is tried on every worker, and effects are
looked at."""
