"""Help beside the results: completion of words and tags, spelling, similar pictures."""
