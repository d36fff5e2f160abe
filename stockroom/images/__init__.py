"""A picture and its row: every statement on the tables `image` and `owner`, and every call to the buckets."""
