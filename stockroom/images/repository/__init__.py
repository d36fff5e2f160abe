"""Every statement that reads or writes the table `image`, as functions of plain values with integer ids.

    pending          uploads that are announced, and posted again
    listing          how far a contributor's uploads are
    usage            what owners announce on a day, and what is pending
    upload_time      how long an upload may take, as SQL
    lifecycle        from pending to ready, failed or hidden, and what happens to a row from then on
    leases           overdue rows, and what the reaper does with them
    due_times        when the reaper is needed
    pictures         ready pictures are read
    metadata         metadata as columns
    edits            published pictures are edited
    deletion         pictures are deleted, restored and taken down
    originals        what is known of an original that may be handed out
    renditions       versions of renditions
    ended_links      links that were ended while somebody could still write renditions under them
    facts            what was derived from files, derived once more
    near_duplicates  bands of perceptual hashes, and who has the same content or looks
    indexing         which pictures the search index has, by which terms
    inventory        rows in the order of their ids, to be compared with the objects in storage
    questions        an operator's questions

Functions that write take their states from `stockroom.images.states`. Those that take a `cursor` are part of
a transaction; those that take a `db` are one statement in autocommit.
"""
