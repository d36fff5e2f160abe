-- What functions write from migration 0015 on: the file's own name beside the name of the picture.

INSERT INTO owner (issuer, subject, name, folded_name) VALUES ('stockroom', 'alice', 'Alice A.', 'alice a.')
ON DUPLICATE KEY UPDATE name = 'Alice A.', folded_name = 'alice a.';
SET @owner = (SELECT owner_id FROM owner WHERE issuer = 'stockroom' AND subject = 'alice');

-- A picture, an upload that has landed, one that never came, an old failure, a deletion, and a new failure.
INSERT INTO image (id, owner_id, state, deadline, uploads_until, link_key, sha256, size,
  type, file_name, name, description, tags, hashtags, license, credit)
SELECT @first + n, @owner, 'pending', '2025-01-01', '2025-01-01', CONCAT('0123456789ABCDE', n),
  UNHEX(IF(n = 1, @landed, SHA2(@first + n, 256))), IF(n = 1, @landed_size, 3),
  'image/jpeg', 'DSC_0012.JPG', 'wall.jpg', 'The Berlin wall #history', 'concrete', 'history', 'CC0-1.0', 'A.'
FROM (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) rows_of_today;

UPDATE image SET state = 'ready', deadline = NULL, attempts = 0, version = 1, width = 3, height = 2,
  color = '#0000ff', thumbhash = 'x', phash = 5, type = 'image/jpeg' WHERE id = @first AND state = 'pending';
UPDATE image SET formats = 'webp' WHERE id = @first;
UPDATE image SET state = 'failed', failed_sha256 = sha256, sha256 = NULL,
  failure_code = 'truncated', failure_detail = 'The file ends too early.',
  deadline = IF(id = @first + 3, '2025-02-01', '2100-01-01') WHERE id IN (@first + 3, @first + 5);
UPDATE image SET state = 'deleting', sha256 = NULL, deadline = '2025-01-01' WHERE id = @first + 4;
UPDATE image SET attempts = attempts + 1, attempted_at = '2025-01-01' WHERE id = @first + 1;

SET @then = '2025-01-01';
INSERT INTO term (term, created) VALUES
  ('*', @then), ('the', @then), ('berlin', @then), ('wall', @then),
  ('history', @then), ('concret', @then), ('#history', @then), ('#concrete', @then),
  ('license:CC0-1.0', @then), ('orientation:landscape', @then), ('color:blue', @then), (CONCAT('owner:', @owner), @then)
ON DUPLICATE KEY UPDATE term = term.term;
INSERT INTO lexicon (surface, term_id, magnitude) SELECT term, term_id, 1 FROM term
WHERE term IN ('the', 'berlin', 'wall', 'history', 'concret', '#history', '#concrete')
ON DUPLICATE KEY UPDATE term_id = lexicon.term_id;
INSERT INTO posting (term_id, image_id, weight) SELECT term_id, @first, 99 FROM term WHERE term IN (
  '*', 'the', 'berlin', 'wall', 'history', 'concret', '#history',
  '#concrete', 'license:CC0-1.0', 'orientation:landscape', 'color:blue', CONCAT('owner:', @owner));
INSERT INTO posting_skip (term_id, image_id)
SELECT term_id, image_id FROM posting WHERE image_id = @first AND CRC32(@first) % 64 = 0;
UPDATE term JOIN posting ON posting.term_id = term.term_id SET df = df + 1 WHERE image_id = @first;
UPDATE lexicon l JOIN term t ON t.term_id = l.term_id SET l.magnitude = (LENGTH(BIN(t.df)) + 1) DIV 2;
UPDATE image SET indexed_terms =
  (SELECT GROUP_CONCAT(term_id ORDER BY term_id) FROM posting WHERE image_id = @first) WHERE id = @first;

-- A run of the audit that ended, and one that was left.
INSERT INTO audit_run (is_repair, token, phase, position, report, started, saved, finished) VALUES
  (0, 11529215046068469761, 'index', '', '{"finished": true}', '2025-01-01', '2025-01-01', '2025-01-01'),
  (1, 4611686018427387905, 'repair-index', '', '{"rows": 6}', '2025-01-02', '2025-01-02', NULL);

-- The picture was edited, and the log says so.
UPDATE image SET creator = 'Alice', edited = '2025-01-02', revision = 1 WHERE id = @first;
INSERT INTO change_log (at, image_id, actor, action, detail) VALUES
  ('2025-01-01', @first, @owner, 'publish', '{}'), ('2025-01-02', @first, @owner, 'edit', '{"creator": ["", "Alice"]}');

-- Two ways in which the picture is known by its looks.
UPDATE image SET pixel_hash = UNHEX(SHA2('pixels', 256)), thumbhash = UNHEX('0000780000') WHERE id = @first;
INSERT INTO phash_band (band, value, owner_id, image_id, phash)
SELECT band, IF(band = 0, 5, 0), @owner, @first, 5
FROM (SELECT 0 band UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) bands
ON DUPLICATE KEY UPDATE image_id = phash_band.image_id;

INSERT INTO upload_usage (owner_id, day, bytes, files) VALUES (0, '2025-01-01', 18, 6), (@owner, '2025-01-01', 18, 6)
ON DUPLICATE KEY UPDATE bytes = upload_usage.bytes + 18, files = upload_usage.files + 6;

-- The picture was hidden and shown again, while an attempt may have been under way.
INSERT INTO ended_link (image_id, link_key, written_until) VALUES (@first, 'BEFORE0123456789', '2025-01-01');

-- The reaper has failed at the deletion before, and once at the upload that never came.
UPDATE image SET failures = 4 WHERE id = @first + 4;
UPDATE image SET failures = 1 WHERE id = @first + 2;

-- A run of a job that ended, and one that was left.
INSERT INTO job_run (run_id, job, parameters, started, lease_until, token, finished, report, unfinished) VALUES
  (CONCAT('20250101t000000-', @first), 'rerender', '{"version": 1}', '2025-01-01', '2025-01-01', 4611686018427387905,
   '2025-01-02', '{"done": 6}', NULL),
  ('20250102t000000-00000001', 'rerender', '{"version": 2}', '2025-01-02', '2025-01-02', 11529215046068469761,
   NULL, '', 'rerender')
ON DUPLICATE KEY UPDATE token = job_run.token;
