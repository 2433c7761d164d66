"""How the services of a platform are stopped, started and read."""
