-- moved: when a picture's renditions moved to a newer version; NULL once no renditions of an older version are left.
ALTER TABLE image ADD COLUMN moved DATETIME(3) NULL;

-- Runs of jobs over the whole library. `parameters` and `report` are JSON. Whoever knows the token holds the run until
-- lease_until. `unfinished` is the job's name until the run ends, and then NULL: a job has one unfinished run at most.
CREATE TABLE IF NOT EXISTS job_run (
  run_id      VARCHAR(40) NOT NULL PRIMARY KEY,
  job         VARCHAR(32) NOT NULL,
  parameters  TEXT NOT NULL,
  started     DATETIME(3) NOT NULL,
  lease_until DATETIME(3) NOT NULL,
  token       BIGINT UNSIGNED NOT NULL,
  finished    DATETIME(3) NULL,
  report      MEDIUMTEXT NOT NULL,
  unfinished  VARCHAR(32) NULL,
  UNIQUE KEY unfinished (unfinished),
  KEY newest (job, started)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
