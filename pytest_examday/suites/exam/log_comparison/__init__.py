"""What clients saw, compared with the platform's own logs."""
