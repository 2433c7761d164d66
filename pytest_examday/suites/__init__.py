"""One folder for each kind of rehearsal."""
