"""From what a visitor asks for to a plan of the posting lists to read."""
