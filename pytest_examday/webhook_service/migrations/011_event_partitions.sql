-- A partition of "events" for each month, so that old months can be read and removed apart. The months of events that
-- are stored already, this one and the next are made now; the scheduler makes the later ones.

CREATE OR REPLACE FUNCTION ensure_event_partition(moment timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz := date_trunc('month', moment);
    name  text := 'events_' || to_char(month, 'YYYY_MM');
BEGIN
    IF to_regclass('public.' || name) IS NOT NULL THEN
        RETURN name;
    END IF;
    -- Rows of this month are in the default partition; PostgreSQL refuses the new partition until they are moved.
    -- Row-level security hides them from the owner until FORCE is taken off.
    LOCK TABLE public.events IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    ALTER TABLE public.events_default NO FORCE ROW LEVEL SECURITY;
    EXECUTE format(
        'WITH moved AS (
             DELETE FROM public.events_default WHERE received_at >= %L AND received_at < %L RETURNING *
         ) INSERT INTO public.%I SELECT * FROM moved',
        month, month + interval '1 month', name
    );
    ALTER TABLE public.events_default FORCE ROW LEVEL SECURITY;
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
        'CREATE POLICY %I ON public.%I
             USING (company_id = nullif(current_setting(''app.company_id'', true), '''')::uuid)',
        name || '_of_company', name
    );
    -- The rows have satisfied the foreign keys of "events" already. With row-level security the owner sees neither them
    -- nor the rows that they refer to; without it he would see only them, and the keys would seem to be violated.
    EXECUTE format(
        'ALTER TABLE public.events ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        name, month, month + interval '1 month'
    );
    RETURN name;
END
$$;

REVOKE ALL ON FUNCTION ensure_event_partition(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_event_partition(timestamptz) TO webhook_scheduler;

DO $$
DECLARE
    month timestamptz;
    months timestamptz[];
BEGIN
    -- First the parent and then its partitions, as whoever writes an event locks them; otherwise both could wait for ever.
    LOCK TABLE events IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE events_default NO FORCE ROW LEVEL SECURITY;
    months := ARRAY(
        SELECT date_trunc('month', received_at, 'UTC') FROM events_default
        UNION SELECT date_trunc('month', now(), 'UTC')
        UNION SELECT date_trunc('month', date_trunc('month', now(), 'UTC') + interval '32 days', 'UTC')
        ORDER BY 1
    );
    FOREACH month IN ARRAY months LOOP
        PERFORM ensure_event_partition(month);
    END LOOP;
    ALTER TABLE events_default FORCE ROW LEVEL SECURITY;
END
$$;
