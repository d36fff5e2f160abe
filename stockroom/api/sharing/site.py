"""The site's own addresses, absolute, as other sites and programs need them.

The base is a setting. Were it the host that a request names, then whoever sends one could have the CDN store
addresses of another site for everybody.
"""

import re
from urllib.parse import urlsplit

from msgspec import Struct

from stockroom.images import ids
from stockroom.images.storage import rendition_key

# The page's router (frontend/src/app/routes.ts) knows both; the second is that of earlier versions.
_PICTURE_PATH = re.compile(r"/(?:p|picture)/([0-9A-Z]+)/?")


class Site(Struct, frozen=True):
    """The addresses of one library. `url` is its origin, without a slash at the end."""

    url: str

    def locate(self, path: str) -> str:
        """The address of a path, which begins with a slash."""
        return f"{self.url}{path}"

    def locate_picture(self, image_id: int) -> str:
        """The address of a picture's page."""
        return f"{self.url}/p/{ids.encode(image_id)}"

    def locate_rendition(self, image_id: int, link_key: str, version: int, name: str) -> str:
        """The address of a JPEG rendition."""
        return f"{self.url}/{rendition_key(image_id, link_key, version, name)}"

    def find_picture(self, address: str) -> int | None:
        """The id of the picture whose page has this address; None for any other address."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or parts.netloc.lower() != urlsplit(self.url).netloc:
            return None
        path = _PICTURE_PATH.fullmatch(parts.path)
        return None if path is None else ids.decode(path[1])
