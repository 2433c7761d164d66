"""What an exam has stored, as its database or its API tells it."""
