-- A role sees the rows of one company: the one whose id is in the setting "app.company_id". Without the setting it sees
-- none. FORCE makes this true for the owner of the tables too. The scheduler also sees which companies there are.

ALTER TABLE companies ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS companies_of_company ON companies;
CREATE POLICY companies_of_company ON companies
    USING (id = nullif(current_setting('app.company_id', true), '')::uuid);
DROP POLICY IF EXISTS companies_for_scheduler ON companies;
CREATE POLICY companies_for_scheduler ON companies FOR SELECT TO webhook_scheduler
    USING (true);

ALTER TABLE event_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS event_keys_of_company ON event_keys;
CREATE POLICY event_keys_of_company ON event_keys
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

ALTER TABLE events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS events_of_company ON events;
CREATE POLICY events_of_company ON events
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

ALTER TABLE events_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS events_default_of_company ON events_default;
CREATE POLICY events_default_of_company ON events_default
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

ALTER TABLE recovery_cases ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS recovery_cases_of_company ON recovery_cases;
CREATE POLICY recovery_cases_of_company ON recovery_cases
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

ALTER TABLE recovery_actions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS recovery_actions_of_company ON recovery_actions;
CREATE POLICY recovery_actions_of_company ON recovery_actions
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
