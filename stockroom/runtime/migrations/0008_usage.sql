-- Today's announced bytes and files of each owner, and of all owners together in the row of owner 0 (ids begin at 1). A row
-- whose day is past counts nothing. The row is also the lock under which an owner's pending uploads are counted.
CREATE TABLE IF NOT EXISTS upload_usage (
  owner_id INT UNSIGNED NOT NULL PRIMARY KEY,
  day      DATE NOT NULL,
  bytes    BIGINT UNSIGNED NOT NULL,
  files    INT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Display names that were hashes of subjects, or that may be e-mail addresses, become pseudonyms. Whoever has a
-- name in their token is shown by it again from the next sign-in on.
UPDATE owner SET name = CONCAT('contributor-', owner_id), folded_name = NULL
WHERE LOCATE('@', name) > 0 OR name REGEXP '^contributor-[0-9a-f]{8}$';
