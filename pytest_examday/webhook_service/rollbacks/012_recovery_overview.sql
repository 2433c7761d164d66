DROP VIEW IF EXISTS recovery_overview;
