ALTER TABLE IF EXISTS companies DROP COLUMN IF EXISTS webhook_secret_encrypted;
ALTER TABLE IF EXISTS events
    DROP CONSTRAINT IF EXISTS events_purged_payload_is_gone,
    DROP COLUMN IF EXISTS payload_purged_at,
    DROP COLUMN IF EXISTS payload_encrypted;
