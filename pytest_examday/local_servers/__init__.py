"""How PostgreSQL, Redis and the processes of an embedded service are started, watched and ended on this machine."""
