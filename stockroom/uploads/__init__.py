"""The upload protocol: one coalesced request, a ticket per file, and what becomes of each."""
