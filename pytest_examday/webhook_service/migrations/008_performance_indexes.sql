-- no transaction: CREATE INDEX CONCURRENTLY must not run in one. Clients go on writing meanwhile.
-- A partitioned table has no concurrent form: the index of each partition is built and then attached to the index of
-- the whole table. Partitions that are added later get theirs from it.

CREATE INDEX CONCURRENTLY IF NOT EXISTS job_queue_due
    ON job_queue (company_id, run_at) WHERE state IN ('waiting', 'active');

CREATE INDEX CONCURRENTLY IF NOT EXISTS recovery_cases_of_person ON recovery_cases (company_id, person_ref);

CREATE INDEX CONCURRENTLY IF NOT EXISTS recovery_actions_due
    ON recovery_actions (company_id, scheduled_for) WHERE state = 'scheduled';

CREATE INDEX IF NOT EXISTS events_of_company ON ONLY events (company_id, received_at);

CREATE INDEX CONCURRENTLY IF NOT EXISTS events_default_of_company ON events_default (company_id, received_at);

ALTER INDEX events_of_company ATTACH PARTITION events_default_of_company;

CREATE INDEX IF NOT EXISTS events_of_person ON ONLY events (company_id, person_ref);

CREATE INDEX CONCURRENTLY IF NOT EXISTS events_default_of_person ON events_default (company_id, person_ref);

ALTER INDEX events_of_person ATTACH PARTITION events_default_of_person;
