"""A pytest run with `--env`: what the controller and each worker know and do."""
