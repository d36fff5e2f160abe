-- token: a random number that is another one whenever the run is saved. Who saves must know the one of before, so that of
-- two calls with one run the slower one stops.
ALTER TABLE audit_run ADD COLUMN token BIGINT UNSIGNED NOT NULL DEFAULT 0;
