"""What each function may ask of which bucket. Two tests hold it against the template and against the code.

`tests/infra/test_permissions.py` compares it with what the template grants, `tests/functions/test_calls.py`
with what the functions really ask of S3. So whatever is granted is used, and whatever is asked is granted.
"""

GET, PUT, DELETE, LIST = "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"
IN_THE_NETWORK = ("upload_url", "search", "manage_images", "resize", "reaper", "audit", "migrate")
"""The functions that every stage has."""

ALLOWED = {
    ("upload_url", "Uploads"): {"/originals/*": {GET, PUT, DELETE}, "/due/*": {PUT}, "": {LIST}},
    ("upload_url", "Images"): {"/i/*": {DELETE}, "": {LIST}},
    ("upload_url", "Keys"): {"/*": {GET}, "": {LIST}},
    ("search", "Keys"): {"/*": {GET}, "": {LIST}},
    ("search", "Site"): {"/index.html": {GET}},
    ("manage_images", "Uploads"): {
        "/originals/*": {GET, PUT, DELETE},
        "/downloads/*": {GET, PUT, DELETE},
        "/due/*": {PUT},
        "": {LIST},
    },
    ("manage_images", "Images"): {"/i/*": {DELETE}, "": {LIST}},
    ("manage_images", "Keys"): {"/*": {GET}, "": {LIST}},
    ("resize", "Uploads"): {"/originals/*": {GET, DELETE}, "": {LIST}},
    ("resize", "Images"): {"/i/*": {PUT, DELETE}, "": {LIST}},
    ("reaper", "Uploads"): {
        "/originals/*": {GET, PUT, DELETE},
        "/downloads/*": {DELETE},
        "/due/*": {PUT},
        "": {LIST},
    },
    ("reaper", "Images"): {"/i/*": {DELETE}, "": {LIST}},
    ("audit", "Uploads"): {"/originals/*": {GET, DELETE}, "": {LIST}},
    ("audit", "Images"): {"/i/*": {DELETE}, "": {LIST}},
    # To be exact, one object for each provider: tests/infra/test_issuer_keys.py.
    ("fetch_keys", "Keys"): {"/jwks/*": {PUT}},
}
"""By function and bucket: the permissions by key pattern, where "" is the bucket itself."""


def allowed_to(function: str) -> dict[str, dict[str, set[str]]]:
    """The permissions of one function: by bucket, then by key pattern."""
    return {bucket: patterns for (name, bucket), patterns in ALLOWED.items() if name == function}
