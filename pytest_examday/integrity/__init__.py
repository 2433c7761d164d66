"""Compares what was acknowledged with what is stored, and runs the SQL checks. The comparison knows the writes, states
and kinds of harm of an exam; the rest knows none of them."""
