-- file_name: what the contributor's file was called, whatever title the picture has; NULL in rows that are older than the column,
-- which count as having their `name`. Nobody but the contributor sees it.
ALTER TABLE image ADD COLUMN file_name VARCHAR(255) NULL;
