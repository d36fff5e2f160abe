"""The upload protocol: one request for a whole batch, a ticket for each file, a state for each upload."""
