"""Phase 2: signed webhooks are sent to the service, and their effects are looked for in its database."""
