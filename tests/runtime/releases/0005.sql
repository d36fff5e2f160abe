-- What functions write before migration 0006: rows have the hashtags of their description.

INSERT INTO owner (issuer, subject, name) VALUES ('stockroom', 'alice', 'Alice A.')
ON DUPLICATE KEY UPDATE name = 'Alice A.';
SET @owner = (SELECT owner_id FROM owner WHERE issuer = 'stockroom' AND subject = 'alice');

-- A picture, an upload that has landed, one that never came, an old failure, a deletion, and a new failure.
INSERT INTO image (id, owner_id, state, deadline, sha256, size,
  type, name, description, tags, hashtags, license, credit)
SELECT @first + n, @owner, 'pending', '2025-01-01',
  UNHEX(IF(n = 1, @landed, SHA2(@first + n, 256))), IF(n = 1, @landed_size, 3),
  'image/jpeg', 'wall.jpg', 'The Berlin wall #history', 'concrete', 'history', 'CC0-1.0', 'A.'
FROM (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) rows_of_today;

UPDATE image SET state = 'ready', deadline = NULL, version = 1, width = 3, height = 2,
  color = '#0000ff', thumbhash = 'x', phash = 5, type = 'image/jpeg' WHERE id = @first AND state = 'pending';
UPDATE image SET formats = 'webp' WHERE id = @first;
UPDATE image SET state = 'failed', sha256 = NULL,
  failure_code = 'truncated', failure_detail = 'The file ends too early.',
  deadline = IF(id = @first + 3, '2025-02-01', '2100-01-01') WHERE id IN (@first + 3, @first + 5);
UPDATE image SET state = 'deleting', sha256 = NULL, deadline = '2025-01-01' WHERE id = @first + 4;

INSERT INTO term (term) VALUES
  ('*'), ('the'), ('berlin'), ('wall'), ('history'), ('concret'),
  ('#history'), ('#concrete'), ('license:CC0-1.0'), ('orientation:landscape'), ('color:blue'), ('owner:alice a.')
ON DUPLICATE KEY UPDATE term = term.term;
INSERT INTO lexicon (surface, term_id, magnitude) SELECT term, term_id, 1 FROM term
WHERE term IN ('the', 'berlin', 'wall', 'history', 'concret', '#history', '#concrete')
ON DUPLICATE KEY UPDATE term_id = lexicon.term_id;
INSERT INTO posting (term_id, image_id, weight) SELECT term_id, @first, 99 FROM term WHERE term IN (
  '*', 'the', 'berlin', 'wall', 'history', 'concret', '#history',
  '#concrete', 'license:CC0-1.0', 'orientation:landscape', 'color:blue', 'owner:alice a.');
INSERT INTO posting_skip (term_id, image_id)
SELECT term_id, image_id FROM posting WHERE image_id = @first AND CRC32(@first) % 64 = 0;
UPDATE term JOIN posting ON posting.term_id = term.term_id SET df = df + 1 WHERE image_id = @first;
UPDATE lexicon l JOIN term t ON t.term_id = l.term_id SET l.magnitude = (LENGTH(BIN(t.df)) + 1) DIV 2;
