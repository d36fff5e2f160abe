"""From an uploaded original to a picture, and what puts right that something went wrong on the way:

    process     an original that has arrived becomes a ready picture, or a failed upload
    reaper      uploads past their deadline: what never arrived is purged, what got lost is announced again
    retry       failed uploads are processed again
    audit       buckets and table are compared, both ways

The handlers of `functions/` call one of these each. `process` takes an original into the decoder by
`decoding`, fills its metadata by `filling`, and stores its renditions by `rendition_writing`.
"""
