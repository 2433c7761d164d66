DROP TABLE IF EXISTS experiment_assignments;
DROP TABLE IF EXISTS experiments;
