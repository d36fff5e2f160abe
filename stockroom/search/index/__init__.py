"""The inverted index: what a picture is found by, and the statements that write and read it."""
