DROP TABLE IF EXISTS queue.dead_jobs;
DROP TABLE IF EXISTS queue.schedules;
DROP SCHEMA IF EXISTS queue;
