"""Every statement that reads or writes the table `image`, as functions of plain values with integer ids.

`pictures` reads pictures, `pending` and `listing` are the contributor's side of an upload, and `lifecycle`
is what happens to a row from then on. `edits` and `deletion` change published pictures, `leases` has what the
reaper does with overdue rows, and `near_duplicates` the bands of perceptual hashes.

Functions that write take their states from `stockroom.images.states`. Those that take a `cursor` are part of
a transaction; those that take a `db` are one statement in autocommit.
"""
