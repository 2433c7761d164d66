"""How long a load waits for the readiness endpoint. The module imports nothing, so that judging stays light."""

READY_TIMEOUT_SECONDS = 2.0
"""Without a reply after this time the endpoint counts as silent."""
