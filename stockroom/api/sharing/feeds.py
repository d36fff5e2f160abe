"""A search as a feed: Atom (RFC 4287) and JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/).

A feed is a page of a search, with a link to the page after it (RFC 5005 for Atom, `next_url` for JSON Feed).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from stockroom.api.sharing.escaping import escape
from stockroom.api.sharing.picture_head import SITE_NAME
from stockroom.api.sharing.shared_picture import MEDIA_TYPE, SharedPicture, make_shared_picture
from stockroom.api.sharing.site import Site
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.runtime.timestamps import rfc3339
from stockroom.search.service import SearchPage

ATOM = "application/atom+xml; charset=utf-8"
JSON_FEED = "application/feed+json; charset=utf-8"

# Atom wants a time for every feed, also for one without entries, and the same one each time.
_NEVER = "1970-01-01T00:00:00.000Z"

Question = Sequence[tuple[str, str]]
"""The parameters of a search, normalised."""


def write_atom(page: SearchPage, question: Question, site: Site) -> str:
    """A page of a search as an Atom feed."""
    own, following = _locate("/feed.atom", question, page, site)
    entries = "".join(_write_entry(picture, site) for picture in page.pictures)
    updated = max((_changed(picture) for picture in page.pictures), default=_NEVER)
    link_to_next = f'<link rel="next" href="{escape(following)}"/>\n' if following else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>{escape(own)}</id>\n<title>{escape(_name(question))}</title>\n<updated>{updated}</updated>\n"
        f"<author><name>{SITE_NAME}</name></author>\n"
        f'<link rel="self" type="application/atom+xml" href="{escape(own)}"/>\n'
        f'<link rel="alternate" type="text/html" href="{escape(_locate_search(question, site))}"/>\n'
        f"{link_to_next}{entries}</feed>\n"
    )


def write_json_feed(page: SearchPage, question: Question, site: Site) -> str:
    """A page of a search as a JSON Feed."""
    own, following = _locate("/feed.json", question, page, site)
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _name(question),
        "home_page_url": _locate_search(question, site),
        "feed_url": own,
        "items": [_make_item(picture, site) for picture in page.pictures],
    }
    if following:
        feed["next_url"] = following
    return msgspec.json.encode(feed).decode()


def _write_entry(picture: Picture, site: Site) -> str:
    shared = make_shared_picture(picture, site)
    large = shared.renditions["720p"]
    # RFC 4287 wants the length of an enclosure where it is known; it is not.
    return (
        f"<entry>\n<id>{escape(shared.page)}</id>\n<title>{escape(shared.title)}</title>\n"
        f"<published>{rfc3339(ids.created_at(picture.image_id))}</published>\n"
        f"<updated>{_changed(picture)}</updated>\n"
        f"<author><name>{escape(_find_author_name(shared))}</name></author>\n"
        f'<link rel="alternate" type="text/html" href="{escape(shared.page)}"/>\n'
        f'<link rel="enclosure" type="{MEDIA_TYPE}" href="{escape(large.url)}"/>\n'
        f'<link rel="license" href="{escape(shared.license_url)}"/>\n'
        + "".join(f'<category term="{escape(tag)}"/>\n' for tag in picture.metadata.all_tags)
        + (f"<rights>{escape(shared.copyright)}</rights>\n" if shared.copyright else "")
        # What is escaped once for HTML is escaped again for XML.
        + f'<content type="html">{escape(_write_html(shared))}</content>\n</entry>\n'
    )


def _make_item(picture: Picture, site: Site) -> dict[str, Any]:
    shared = make_shared_picture(picture, site)
    large = shared.renditions["720p"]
    return {
        "id": shared.page,
        "url": shared.page,
        "title": shared.title,
        "content_html": _write_html(shared),
        "image": large.url,
        "date_published": rfc3339(ids.created_at(picture.image_id)),
        "date_modified": _changed(picture),
        "authors": [{"name": _find_author_name(shared)}],
        "tags": list(picture.metadata.all_tags),
        "attachments": [{"url": large.url, "mime_type": MEDIA_TYPE}],
    }


def _write_html(shared: SharedPicture) -> str:
    large = shared.renditions["720p"]
    return (
        f'<p><a href="{escape(shared.page)}"><img src="{escape(large.url)}" alt="{escape(shared.alt)}" '
        f'width="{large.size.width}" height="{large.size.height}"></a></p>'
        + (f"<p>{escape(shared.credit)}</p>" if shared.credit else "")
    )


def _find_author_name(shared: SharedPicture) -> str:
    return shared.creator or shared.credit or SITE_NAME


def _changed(picture: Picture) -> str:
    return rfc3339(picture.edited or ids.created_at(picture.image_id))


def _name(question: Question) -> str:
    words = " ".join(text for name, text in question if name in ("q", "tag"))
    return f"{words} · {SITE_NAME}" if words else SITE_NAME


def _locate(path: str, question: Question, page: SearchPage, site: Site) -> tuple[str, str]:
    """The addresses of a feed, and of the page after it; the second is empty if there is none."""
    own = site.locate(path + (f"?{urlencode(question)}" if question else ""))
    if not page.next:
        return own, ""
    others = [pair for pair in question if pair[0] not in ("cursor", "since")]
    return own, site.locate(f"{path}?{urlencode(sorted([*others, ('cursor', page.next)]))}")


def _locate_search(question: Question, site: Site) -> str:
    """The search in the page, whose parameters are those of the API."""
    shown = [pair for pair in question if pair[0] not in ("cursor", "limit", "since")]
    return site.locate("/" + (f"?{urlencode(shown)}" if shown else ""))
