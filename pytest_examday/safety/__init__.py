"""What protects platforms from a rehearsal: permissions, the confirmation for production, and one rehearsal at a
time."""
