"""The staging suite: a rehearsal of a webhook service before its deployment (source document 003)."""
