-- failures: how often the reaper has failed at the row, one time after the other. Each time it looks again after a longer time.
ALTER TABLE image ADD COLUMN failures TINYINT UNSIGNED NOT NULL DEFAULT 0;
