-- Spelled for MySQL 8.4 and MariaDB 11.8 alike. Text that searches compare is folded by the application
-- (stockroom/analysis), so every collation is binary.

CREATE TABLE IF NOT EXISTS owner (
  owner_id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  issuer   VARCHAR(255) NOT NULL,
  subject  VARCHAR(255) NOT NULL,
  name     VARCHAR(200) NOT NULL,
  UNIQUE KEY identity (issuer, subject)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- id is unix_ms << 20 | random, so newest first is the primary key read backwards.
-- sha256 is NULL for rows that no longer stand for their content (failed, deleting).
-- deadline is when the reaper looks: an upload overdue, a failure to forget, a deletion to finish.
CREATE TABLE IF NOT EXISTS image (
  id             BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  owner_id       INT UNSIGNED NOT NULL,
  state          ENUM('pending', 'ready', 'failed', 'deleting') NOT NULL,
  attempts       TINYINT UNSIGNED NOT NULL DEFAULT 0,
  deadline       DATETIME(3) NULL,
  sha256         BINARY(32) NULL,
  size           BIGINT UNSIGNED NOT NULL,
  type           VARCHAR(100) NOT NULL,
  name           VARCHAR(255) NOT NULL,
  description    VARCHAR(2000) NOT NULL,
  tags           TEXT NOT NULL,
  license        VARCHAR(64) NOT NULL,
  credit         VARCHAR(200) NOT NULL,
  version        SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  width          INT UNSIGNED NULL,
  height         INT UNSIGNED NULL,
  color          CHAR(7) NULL,
  thumbhash      VARBINARY(32) NULL,
  phash          BIGINT UNSIGNED NULL,
  taken          DATETIME(3) NULL,
  failure_code   VARCHAR(64) NULL,
  failure_detail VARCHAR(500) NULL,
  UNIQUE KEY content (sha256, owner_id),
  KEY owner_newest (owner_id, id),
  KEY owner_state (owner_id, state),
  KEY due (state, deadline)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- df: number of ready pictures that have the term, kept near-true.
CREATE TABLE IF NOT EXISTS term (
  term_id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  term    VARBINARY(96) NOT NULL,
  df      INT UNSIGNED NOT NULL DEFAULT 0,
  UNIQUE KEY term (term)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A posting means visible: it exists exactly while its picture is ready.
CREATE TABLE IF NOT EXISTS posting (
  term_id  INT UNSIGNED NOT NULL,
  image_id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (term_id, image_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Surface forms of terms, for prefixes and autocomplete.
CREATE TABLE IF NOT EXISTS lexicon (
  surface VARBINARY(96) NOT NULL,
  term_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (surface, term_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
