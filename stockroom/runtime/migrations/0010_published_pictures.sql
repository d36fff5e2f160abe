-- Published pictures are edited, deleted, withdrawn and hidden.

-- deleted: a picture that its owner or an administrator has deleted, and may bring back until the deadline.
-- hidden: a picture before the end of its embargo, or after it has expired. Its original is there, its renditions are not.
ALTER TABLE image MODIFY COLUMN state ENUM('pending', 'ready', 'failed', 'deleting', 'deleted', 'hidden') NOT NULL;

-- edited: when the metadata was last edited after publication; NULL when it never was.
-- creator, copyright, usage_terms, license_url, place, camera, lens: metadata beside the description, licence and credit,
-- given by the contributor or filled from the file. `filled` names the fields that were filled from the file, separated by
-- commas.
-- embedded: what the file says about itself (IPTC, XMP, EXIF), as JSON; NULL in rows that were rendered before this column.
-- embargo, expires: the picture is hidden before the one and from the other on.
-- pixel_hash: SHA-256 of the sides and of the pixels at 720p; NULL in rows that were rendered before this column.
ALTER TABLE image ADD COLUMN edited DATETIME(3) NULL;
ALTER TABLE image ADD COLUMN creator VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN copyright VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN usage_terms VARCHAR(2000) NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN license_url VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN place VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN camera VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN lens VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN filled VARCHAR(255) NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN embedded MEDIUMTEXT NULL;
ALTER TABLE image ADD COLUMN embargo DATETIME(3) NULL;
ALTER TABLE image ADD COLUMN expires DATETIME(3) NULL;
ALTER TABLE image ADD COLUMN pixel_hash BINARY(32) NULL;
ALTER TABLE image ADD KEY expiring (state, expires), ADD KEY pixels (pixel_hash, owner_id);

-- What happened to published pictures: who did what, and when. Rows are only ever added. `actor` is the owner_id of whoever
-- did it, 0 for the library itself; `detail` is JSON.
CREATE TABLE IF NOT EXISTS change_log (
  entry_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  at       DATETIME(3) NOT NULL,
  image_id BIGINT UNSIGNED NOT NULL,
  actor    INT UNSIGNED NOT NULL,
  action   VARCHAR(32) NOT NULL,
  detail   MEDIUMTEXT NOT NULL,
  KEY picture (image_id, entry_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Contents that were taken down, and are refused from then on.
CREATE TABLE IF NOT EXISTS takedown (
  sha256 BINARY(32) NOT NULL PRIMARY KEY,
  at     DATETIME(3) NOT NULL,
  actor  INT UNSIGNED NOT NULL,
  reason VARCHAR(1000) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Parts of the perceptual hashes of ready pictures, by which near duplicates are found (stockroom/images/looks.py has the
-- bands). Each row has the whole hash, so that candidates are compared without their rows. A picture of one tone (hash 0, or
-- no contrast in its ThumbHash) has no bands.
CREATE TABLE IF NOT EXISTS phash_band (
  band     TINYINT UNSIGNED NOT NULL,
  value    SMALLINT UNSIGNED NOT NULL,
  owner_id INT UNSIGNED NOT NULL,
  image_id BIGINT UNSIGNED NOT NULL,
  phash    BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (band, value, owner_id, image_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT INTO phash_band (band, value, owner_id, image_id, phash)
SELECT n.band, IF(n.band < 4, (i.phash >> (16 * n.band)) & 65535,
  ((i.phash >> 60) & 15) << 12 | ((i.phash >> 52) & 15) << 8 | ((i.phash >> 44) & 15) << 4 | ((i.phash >> 36) & 15)),
  i.owner_id, i.id, i.phash FROM image i
JOIN (SELECT 0 band UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) n
WHERE i.state = 'ready' AND i.phash <> 0 AND (ORD(SUBSTR(i.thumbhash, 3, 1)) >> 2) & 31 > 0
ON DUPLICATE KEY UPDATE image_id = phash_band.image_id;
