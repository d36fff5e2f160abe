-- Pictures are found by the id of their owner, and the index remembers what was written for each picture.

-- indexed_terms: the ids of the terms under which a ready picture was indexed, ascending, separated by commas. NULL in
-- rows that were published before this column, until the audit of the index has indexed the picture anew.
ALTER TABLE image ADD COLUMN indexed_terms MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NULL;

-- folded_name: the name as searches compare it (stockroom/images/owners.py). NULL until a process has folded the name.
ALTER TABLE owner ADD COLUMN folded_name VARCHAR(200) NULL, ADD KEY folded_name (folded_name);

-- created: a term that no picture has is swept when it is old enough; NULL in rows that are older than this column.
ALTER TABLE term ADD COLUMN created DATETIME NULL;

-- Pictures that are ready get the terms of their owners' ids. The terms of owners' names stay for the functions of the
-- previous version, until the audit of the index takes them away.
INSERT INTO term (term) SELECT CONCAT('owner:', owner_id) FROM owner ORDER BY owner_id
ON DUPLICATE KEY UPDATE term = term.term;

-- A name may be a number: what was indexed by such a name must not be taken for an id.
DELETE p FROM posting p JOIN term t ON t.term_id = p.term_id JOIN owner o ON t.term = CONCAT('owner:', o.owner_id)
JOIN image i ON i.id = p.image_id WHERE i.owner_id <> o.owner_id;

DELETE s FROM posting_skip s JOIN term t ON t.term_id = s.term_id JOIN owner o ON t.term = CONCAT('owner:', o.owner_id)
JOIN image i ON i.id = s.image_id WHERE i.owner_id <> o.owner_id;

INSERT INTO posting (term_id, image_id, weight)
SELECT t.term_id, i.id, 0 FROM image i JOIN term t ON t.term = CONCAT('owner:', i.owner_id) WHERE i.state = 'ready'
ON DUPLICATE KEY UPDATE weight = posting.weight;

INSERT INTO posting_skip (term_id, image_id)
SELECT t.term_id, i.id FROM image i JOIN term t ON t.term = CONCAT('owner:', i.owner_id)
WHERE i.state = 'ready' AND CRC32(i.id) % 64 = 0
ON DUPLICATE KEY UPDATE image_id = posting_skip.image_id;

UPDATE term t JOIN owner o ON t.term = CONCAT('owner:', o.owner_id)
SET t.df = (SELECT COUNT(*) FROM posting p WHERE p.term_id = t.term_id);
