"""Compression of the answers that CloudFront does not compress itself.

CloudFront compresses what its cache may store, and of that the media types on its list:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html
All answers of a private library, and those that belong to one person, are stored nowhere.
"""

import base64
import gzip
from typing import Any

MIN_BYTES = 1000
"""Below that, an answer fits into a packet of the network as it is."""
LEVEL = 6
ON_LIST = frozenset({"application/json", "application/xml", "text/html", "text/plain"})
"""The media types of this API that CloudFront compresses."""


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client takes gzip, by its Accept-Encoding."""
    for each in accept_encoding.lower().replace(" ", "").split(","):
        coding, _, weight = each.partition(";q=")
        if coding == "gzip":
            return not weight or weight.strip("0.") != ""
    return False


def compress_for_client(answer: dict[str, Any], accept_encoding: str) -> dict[str, Any]:
    """An answer to API Gateway (payload 2.0), with its body compressed where CloudFront would not do it."""
    body, headers = answer["body"], answer["headers"]
    is_stored = headers.get("Cache-Control", "").startswith("public")
    media_type = headers.get("Content-Type", "").partition(";")[0]
    if len(body) < MIN_BYTES or (is_stored and media_type in ON_LIST) or not accepts_gzip(accept_encoding):
        return answer
    return answer | {
        "headers": headers | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
        "body": base64.b64encode(gzip.compress(body.encode(), LEVEL, mtime=0)).decode(),
        "isBase64Encoded": True,
    }
