-- revision: raised whenever the metadata changes, so that a picture is published with the metadata that it was
-- indexed by.
-- failed_sha256: the content of a row that has failed, which stands for that content no longer; NULL when its
-- original was not kept.
-- uploads_until: the moment until which an upload of the row may still arrive; NULL in rows that are older than this
-- column.
-- attempted_at: when the newest attempt to process the original began.
-- link_key: the part of the renditions' paths that nobody can guess; empty in rows that are older than this column.
ALTER TABLE image ADD COLUMN revision INT UNSIGNED NOT NULL DEFAULT 0;
ALTER TABLE image ADD COLUMN failed_sha256 BINARY(32) NULL;
ALTER TABLE image ADD COLUMN uploads_until DATETIME(3) NULL;
ALTER TABLE image ADD COLUMN attempted_at DATETIME(3) NULL;
ALTER TABLE image ADD COLUMN link_key VARCHAR(16) NOT NULL DEFAULT '';

-- Runs of the audit: where each has got to (phase and position), when (saved), and what it has found so far (report,
-- JSON).
CREATE TABLE IF NOT EXISTS audit_run (
  run_id    INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  is_repair TINYINT NOT NULL,
  phase     VARCHAR(32) NOT NULL,
  position  VARCHAR(64) NOT NULL,
  report    MEDIUMTEXT NOT NULL,
  started   DATETIME(3) NOT NULL,
  saved     DATETIME(3) NOT NULL,
  finished  DATETIME(3) NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
