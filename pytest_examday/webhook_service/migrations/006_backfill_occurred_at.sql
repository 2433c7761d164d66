-- When an event happened at its sender. Of older events only the time of arrival is known.

ALTER TABLE events ADD COLUMN IF NOT EXISTS occurred_at timestamptz;

-- FORCE hides every row from the owner, so that the backfill would match none. It is back before this transaction ends.
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
UPDATE events SET occurred_at = received_at WHERE occurred_at IS NULL;
ALTER TABLE events FORCE ROW LEVEL SECURITY;

ALTER TABLE events
    ALTER COLUMN occurred_at SET DEFAULT now(),
    ALTER COLUMN occurred_at SET NOT NULL;
