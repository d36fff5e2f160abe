"""Text analysis: from the characters of a name, a description or a query to the terms of the search index."""
