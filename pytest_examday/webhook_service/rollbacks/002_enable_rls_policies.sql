DROP POLICY IF EXISTS recovery_actions_of_company ON recovery_actions;
ALTER TABLE IF EXISTS recovery_actions NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS recovery_cases_of_company ON recovery_cases;
ALTER TABLE IF EXISTS recovery_cases NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;

-- The parent before its partition, as whoever writes an event locks them.
DROP POLICY IF EXISTS events_of_company ON events;
ALTER TABLE IF EXISTS events NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS events_default_of_company ON events_default;
ALTER TABLE IF EXISTS events_default NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS event_keys_of_company ON event_keys;
ALTER TABLE IF EXISTS event_keys NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS companies_for_scheduler ON companies;
DROP POLICY IF EXISTS companies_of_company ON companies;
ALTER TABLE IF EXISTS companies NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
