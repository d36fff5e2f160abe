"""Which paths the page has: all others are answered with the status 404, and with the page, which says so.

The one list is the router's, `frontend/src/app/paths.json`: regular expressions by the names of the routes.
The CDN's functions and nginx's map are made of it. They read a path as it is written, as the router does.
"""

import json
from pathlib import Path

from tooling import ROOT

INDEX = "index.html"
MISSING = "missing.html"
"""The page for paths that it does not have: the build writes it beside the other."""
MISSING_METADATA = {"status": "404"}
"""What the bucket stores with it, so that whoever hands it on need not know which path was asked for."""
PATHS = ROOT / "frontend" / "src" / "app" / "paths.json"
REQUEST = Path(__file__).with_name("page_request.js")
RESPONSE = Path(__file__).with_name("page_response.js")


def generate_request_code() -> str:
    """The CloudFront Function for the viewer's requests: which file of the bucket answers a path."""
    return REQUEST.read_text().replace("PAGE_PATHS", json.dumps(f"^{_read_pattern()}/*$"))


def generate_response_code() -> str:
    """The CloudFront Function for the answers to viewers: which status the file has."""
    (name,) = MISSING_METADATA
    return RESPONSE.read_text().replace("STATUS_HEADER", f"x-amz-meta-{name}")


def generate_nginx_map() -> str:
    """nginx's map, which sets `$page` to the file that answers a path."""
    lines = [
        "map $request_uri $page {",
        f"  default /{MISSING};",
        # A name of a file.
        r'  "~^[^?#]*[.][^/?#]*(?:[?#]|$)" $uri;',
        f'  "~^{_read_pattern()}/*(?:[?#]|$)" /{INDEX};',
        "}",
    ]
    return "\n".join(lines)


def _read_pattern() -> str:
    return f"(?:{'|'.join(json.loads(PATHS.read_text()).values())})"
