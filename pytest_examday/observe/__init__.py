"""Reading the platform: its logs, its metrics, its pool."""
