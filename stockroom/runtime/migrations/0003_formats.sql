-- Formats beside JPEG in which the renditions of a picture exist by now, separated by commas.
ALTER TABLE image ADD COLUMN formats VARCHAR(64) NOT NULL DEFAULT '';
