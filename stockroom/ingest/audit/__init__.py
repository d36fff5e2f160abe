"""The audit: compares both buckets and the index with the table, both ways, and repairs on request."""
