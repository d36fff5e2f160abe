-- holder: a random number of the call that goes on with the run. A call takes the run over from an older one by writing
-- its own number, and the older one stops.
ALTER TABLE audit_run ADD COLUMN holder BIGINT UNSIGNED NOT NULL DEFAULT 0;
