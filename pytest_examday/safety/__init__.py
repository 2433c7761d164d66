"""The safety of the platform under rehearsal: permissions, the confirmation for production, and the lock that lets only
one rehearsal run at a time."""
