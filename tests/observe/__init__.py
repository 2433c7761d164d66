"""Reading the platform."""
