"""What a rehearsal is made of, whatever the platform."""
