-- no transaction: DROP INDEX CONCURRENTLY must not run in one.
-- The indexes of a partitioned table have no concurrent form.

DROP INDEX IF EXISTS events_of_person;

DROP INDEX IF EXISTS events_of_company;

DROP INDEX CONCURRENTLY IF EXISTS events_default_of_person;

DROP INDEX CONCURRENTLY IF EXISTS events_default_of_company;

DROP INDEX CONCURRENTLY IF EXISTS recovery_actions_due;

DROP INDEX CONCURRENTLY IF EXISTS recovery_cases_of_person;

DROP INDEX CONCURRENTLY IF EXISTS job_queue_due;
