"""Rendering in a process of its own, so that no file can take the calling process down with it.

`decoder` is the caller's side, `worker` the other one, `protocol` what they say to each other. The worker
holds no credentials and no connection. It is started once and kept, as starting it takes longer than
rendering a picture.
"""
