-- Links of pictures that were hidden, under which an attempt at the original may still write renditions. `written_until` is when
-- the attempt is over, at the latest; then the reaper deletes what it has written, and the row.
CREATE TABLE IF NOT EXISTS ended_link (
  image_id      BIGINT UNSIGNED NOT NULL,
  link_key      VARCHAR(16) NOT NULL,
  written_until DATETIME(3) NOT NULL,
  PRIMARY KEY (image_id, link_key),
  KEY due (written_until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- By which an owner's pictures that expire soon are found.
ALTER TABLE image ADD KEY owner_expiring (owner_id, expires);
