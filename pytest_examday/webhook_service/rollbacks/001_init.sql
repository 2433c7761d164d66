DROP TABLE IF EXISTS recovery_actions;
DROP TABLE IF EXISTS recovery_cases;
DROP TABLE IF EXISTS events;
DROP TABLE IF EXISTS event_keys;
DROP TABLE IF EXISTS companies;
