-- Skip pointers into the postings (stockroom/search/index/skip_pointers.py): a sample of one in 64, chosen by the picture.

CREATE TABLE IF NOT EXISTS posting_skip (
  term_id  INT UNSIGNED NOT NULL,
  image_id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (term_id, image_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT INTO posting_skip (term_id, image_id)
SELECT term_id, image_id FROM posting WHERE CRC32(image_id) % 64 = 0
ON DUPLICATE KEY UPDATE image_id = posting_skip.image_id;
