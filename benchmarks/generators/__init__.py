"""The load generators that are compared."""
