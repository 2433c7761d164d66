-- The events of every month go back to the default partition before their own is dropped.

DO $$
DECLARE
    name text;
BEGIN
    IF to_regclass('public.events') IS NULL THEN
        RETURN;
    END IF;
    -- First the parent and then its partitions, as whoever writes an event locks them; otherwise both could wait for ever.
    LOCK TABLE events IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE events_default NO FORCE ROW LEVEL SECURITY;
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'public.events'::regclass AND c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'
        ORDER BY 1
    LOOP
        EXECUTE format('ALTER TABLE public.%I NO FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE public.events DETACH PARTITION public.%I', name);
        EXECUTE format('INSERT INTO public.events_default SELECT * FROM public.%I', name);
        EXECUTE format('DROP TABLE public.%I', name);
    END LOOP;
    ALTER TABLE events_default FORCE ROW LEVEL SECURITY;
END
$$;

DROP FUNCTION IF EXISTS ensure_event_partition(timestamptz);
