"""A pytest run with `--env`: what the controller and the xdist workers do."""
