-- By which the entries of one person, of one action, or of both are found, the newest first.
ALTER TABLE change_log
  ADD KEY actor (actor, entry_id),
  ADD KEY action (action, entry_id),
  ADD KEY actor_action (actor, action, entry_id);
