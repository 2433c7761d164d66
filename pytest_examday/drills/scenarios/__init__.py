"""One file for each drill: the fault, what is tried meanwhile, how long it is held."""
