-- References between tables. A key and its events go together; a case outlives the event that opened it.

-- FORCE hides all rows from the owner, so that a reference to a missing row would be found valid.
ALTER TABLE companies NO FORCE ROW LEVEL SECURITY;
ALTER TABLE event_keys NO FORCE ROW LEVEL SECURITY;
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE events_default NO FORCE ROW LEVEL SECURITY;
ALTER TABLE recovery_cases NO FORCE ROW LEVEL SECURITY;
ALTER TABLE recovery_actions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE job_queue NO FORCE ROW LEVEL SECURITY;
ALTER TABLE experiments NO FORCE ROW LEVEL SECURITY;

ALTER TABLE event_keys DROP CONSTRAINT IF EXISTS event_keys_company;
ALTER TABLE event_keys ADD CONSTRAINT event_keys_company
    FOREIGN KEY (company_id) REFERENCES companies (id);

ALTER TABLE events DROP CONSTRAINT IF EXISTS events_company;
ALTER TABLE events ADD CONSTRAINT events_company
    FOREIGN KEY (company_id) REFERENCES companies (id);

ALTER TABLE events DROP CONSTRAINT IF EXISTS events_key;
ALTER TABLE events ADD CONSTRAINT events_key
    FOREIGN KEY (id) REFERENCES event_keys (event_id);

ALTER TABLE recovery_cases DROP CONSTRAINT IF EXISTS recovery_cases_company;
ALTER TABLE recovery_cases ADD CONSTRAINT recovery_cases_company
    FOREIGN KEY (company_id) REFERENCES companies (id);

ALTER TABLE recovery_cases DROP CONSTRAINT IF EXISTS recovery_cases_first_event;
ALTER TABLE recovery_cases ADD CONSTRAINT recovery_cases_first_event
    FOREIGN KEY (first_event_id) REFERENCES event_keys (event_id) ON DELETE SET NULL;

ALTER TABLE recovery_actions DROP CONSTRAINT IF EXISTS recovery_actions_company;
ALTER TABLE recovery_actions ADD CONSTRAINT recovery_actions_company
    FOREIGN KEY (company_id) REFERENCES companies (id);

ALTER TABLE recovery_actions DROP CONSTRAINT IF EXISTS recovery_actions_case;
ALTER TABLE recovery_actions ADD CONSTRAINT recovery_actions_case
    FOREIGN KEY (case_id) REFERENCES recovery_cases (id) ON DELETE CASCADE;

ALTER TABLE job_queue DROP CONSTRAINT IF EXISTS job_queue_company;
ALTER TABLE job_queue ADD CONSTRAINT job_queue_company
    FOREIGN KEY (company_id) REFERENCES companies (id);

ALTER TABLE experiments DROP CONSTRAINT IF EXISTS experiments_company;
ALTER TABLE experiments ADD CONSTRAINT experiments_company
    FOREIGN KEY (company_id) REFERENCES companies (id);

ALTER TABLE companies FORCE ROW LEVEL SECURITY;
ALTER TABLE event_keys FORCE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
ALTER TABLE events_default FORCE ROW LEVEL SECURITY;
ALTER TABLE recovery_cases FORCE ROW LEVEL SECURITY;
ALTER TABLE recovery_actions FORCE ROW LEVEL SECURITY;
ALTER TABLE job_queue FORCE ROW LEVEL SECURITY;
ALTER TABLE experiments FORCE ROW LEVEL SECURITY;
