"""Originals are handed out: as they were uploaded, or as copies that carry the present metadata."""
