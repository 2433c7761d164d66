-- The whole payload is kept encrypted, and so is the secret with which a company signs its webhooks.

ALTER TABLE events
    ADD COLUMN IF NOT EXISTS payload_encrypted bytea,
    ADD COLUMN IF NOT EXISTS payload_purged_at timestamptz;

ALTER TABLE events DROP CONSTRAINT IF EXISTS events_purged_payload_is_gone;
ALTER TABLE events ADD CONSTRAINT events_purged_payload_is_gone
    CHECK (payload_purged_at IS NULL OR (payload_encrypted IS NULL AND payload = '{}'::jsonb));

ALTER TABLE companies ADD COLUMN IF NOT EXISTS webhook_secret_encrypted bytea;
