"""What keeps a rehearsal from doing harm: permissions, a confirmation for production, named hosts, one at a time."""
