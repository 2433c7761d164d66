"""The platform under rehearsal as it is reached from here: its addresses, connections and accounts."""
