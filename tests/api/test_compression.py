import base64
import gzip
from typing import Any

import pytest

from stockroom.api.compression import MIN_BYTES, accepts_gzip, compress_for_client

BODY = "ä" * MIN_BYTES
JSON = "application/json"


def answer(cache_control: str, media_type: str = JSON, body: str = BODY) -> dict[str, Any]:
    headers = {"Content-Type": media_type, "Cache-Control": cache_control}
    return {"statusCode": 200, "headers": headers, "body": body}


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("GZIP", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("br, gzip; q=0.001", True),
        ("gzip;q=0", False),
        ("deflate, gzip;q=0.000", False),
        ("x-gzip", False),
        ("not gzip", False),
    ],
)
def test_a_client_says_whether_it_takes_gzip(accept_encoding: str, expected: bool) -> None:
    assert accepts_gzip(accept_encoding) is expected


@pytest.mark.parametrize(
    "plain",
    [
        answer("private, no-store"),
        answer("no-store", "application/problem+json"),
        # The CDN stores feeds, and does not compress them.
        answer("public, max-age=60", "application/atom+xml; charset=utf-8"),
    ],
    ids=["personal", "error", "feed"],
)
def test_what_cloudfront_does_not_compress_is_compressed(plain: dict[str, Any]) -> None:
    compressed = compress_for_client(plain, "gzip, br")
    assert gzip.decompress(base64.b64decode(compressed["body"])).decode() == BODY
    assert compressed["isBase64Encoded"]
    assert compressed["headers"] == plain["headers"] | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    assert compress_for_client(plain, "br") == plain


@pytest.mark.parametrize(
    "plain",
    [
        answer("public, max-age=0, s-maxage=20"),
        answer("public, max-age=0, s-maxage=60", "text/html; charset=utf-8"),
        answer("private, no-store", body="x" * (MIN_BYTES - 1)),
        answer("private, no-store", body=""),
    ],
    ids=["stored", "stored page", "short", "empty"],
)
def test_everything_else_leaves_as_it_is(plain: dict[str, Any]) -> None:
    assert compress_for_client(plain, "gzip") == plain
