"""Single webhooks that are tried: forged, old, from the future, with odd contents."""
