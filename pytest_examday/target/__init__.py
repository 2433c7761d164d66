"""The target: the platform under rehearsal as this process reaches it, with its addresses, connections and accounts."""
