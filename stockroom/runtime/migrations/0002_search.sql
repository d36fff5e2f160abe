-- Relevance from the index alone, and the commonest words behind any beginning in one short range.

-- weight: how much the picture says of the term (0 to 255), see stockroom/search/index/document.py. What was
-- indexed before counts as one mention in a short text.
ALTER TABLE posting ADD COLUMN weight TINYINT UNSIGNED NOT NULL DEFAULT 114;

-- magnitude: half the binary digits of df, so that it changes rarely; the index reads the commonest first.
ALTER TABLE lexicon
  ADD COLUMN magnitude TINYINT UNSIGNED NOT NULL DEFAULT 1,
  ADD KEY commonest (magnitude, surface, term_id),
  ADD KEY term (term_id);

UPDATE lexicon l JOIN term t ON t.term_id = l.term_id SET l.magnitude = (LENGTH(BIN(t.df)) + 1) DIV 2;
