"""The sitemap (https://www.sitemaps.org/protocol.html), with Google's extension for images, and robots.txt.

Each page of the sitemap is a section of the index (stockroom/search/index/sections.py), named by the id at
which it begins. A crawler that comes again finds most pages as they were.
"""

from collections.abc import Iterable

from stockroom.api.sharing.escaping import escape
from stockroom.api.sharing.site import Site
from stockroom.images import ids
from stockroom.images.repository.pictures import PictureLink
from stockroom.runtime.timestamps import rfc3339

XML = "application/xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
MAX_PAGES = 50_000
"""What the protocol allows in one index. With the average section these are 51 million pictures."""
MAX_PICTURES = 16_000
"""Pictures of one page: the protocol allows 50,000, and a function's answer 6 MB. One section in six million
has more, and those beyond are left out."""

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_IMAGE_NAMESPACE = "http://www.google.com/schemas/sitemap-image/1.1"
# People's own pages, which show a crawler a form for signing in.
_NOT_FOR_ROBOTS = ("/upload", "/uploads", "/signin")


def write_sitemap_index(beginnings: Iterable[int], site: Site) -> str:
    """The index, which names a page for each section."""
    pages = "".join(
        f"<sitemap><loc>{escape(site.locate(f'/sitemap-{ids.encode(first)}.xml'))}</loc></sitemap>\n"
        for first in beginnings
    )
    return f'{_DECLARATION}<sitemapindex xmlns="{_NAMESPACE}">\n{pages}</sitemapindex>\n'


def write_sitemap_page(links: Iterable[PictureLink], site: Site) -> str:
    """One page: the pictures' pages, each with its picture."""
    urls = "".join(_write_url(link, site) for link in links)
    return f'{_DECLARATION}<urlset xmlns="{_NAMESPACE}" xmlns:image="{_IMAGE_NAMESPACE}">\n{urls}</urlset>\n'


def _write_url(link: PictureLink, site: Site) -> str:
    rendition = site.locate_rendition(link.image_id, link.link_key, link.version, "720p")
    changed = rfc3339(link.edited or ids.created_at(link.image_id))
    return (
        f"<url><loc>{escape(site.locate_picture(link.image_id))}</loc><lastmod>{changed}</lastmod>"
        f"<image:image><image:loc>{escape(rendition)}</image:loc></image:image></url>\n"
    )


def write_robots(site: Site, *, is_private: bool) -> str:
    """robots.txt. A private library wants no crawler at all, as there is nothing for one to see."""
    if is_private:
        return "User-agent: *\nDisallow: /\n"
    closed = "".join(f"Disallow: {path}\n" for path in _NOT_FOR_ROBOTS)
    return f"User-agent: *\n{closed}\nSitemap: {site.locate('/sitemap.xml')}\n"
