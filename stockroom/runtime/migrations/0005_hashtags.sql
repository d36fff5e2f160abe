-- The hashtags of the description, parsed once when the row is written; NULL in rows that are older than this
-- column, whose hashtags are parsed from the description when the row is read.
ALTER TABLE image ADD COLUMN hashtags TEXT NULL;
