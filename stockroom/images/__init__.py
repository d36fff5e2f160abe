"""The picture and its row: all that reads or writes the tables `image` and `owner`, and the two buckets."""
