"""From an uploaded original to a picture, and what puts right that something went wrong on the way:

    process            an original that has arrived becomes a ready or hidden picture, or a failed upload
    decoding           of it: the original is taken into the decoder
    filling            of it: what the contributor left empty is filled from the file
    rendition_writing  of it: the renditions are written to storage
    reaper             overdue uploads: what never arrived is purged, what got lost is announced again
    retry              failed uploads are processed again
    audit              buckets and table are compared, both ways
    questions          what an operator may ask of the database
    rerendering        batch job: ready pictures get renditions of a new version
    old_versions       batch job: the renditions of older versions are deleted
    fact_reading       batch job: what is derived from a picture's file is derived once more
    fact_writing       batch job: pictures get these facts, and are found by them
    picture_tries      batch jobs: a picture is tried again where storage or the decoder was away

The handlers of `functions/` and the jobs of `jobs/` call these.
"""
