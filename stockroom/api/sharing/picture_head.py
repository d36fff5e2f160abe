"""The head of a picture's page: what search engines and messengers show of a link to it.

- Open Graph, https://ogp.me, which messengers and social networks read, and X for its cards, too;
- `ImageObject` of schema.org as JSON-LD, of which Google makes its badge "Licensable":
  https://developers.google.com/search/docs/appearance/structured-data/image-license-metadata
- a link to the picture's oEmbed answer.

Before all that stands the file that the page shows, so that a browser fetches it before any script is there.
"""

from typing import Any
from urllib.parse import urlencode

from stockroom.api.sharing.escaping import escape, write_json_script
from stockroom.api.sharing.shared_picture import MEDIA_TYPE, SharedPicture, make_shared_picture
from stockroom.api.sharing.site import Site
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.storage import rendition_key
from stockroom.renditions.outputs import AVIF, JPEG, WEBP
from stockroom.runtime.timestamps import rfc3339

SITE_NAME = "Stockroom"
OF_PAGE = "data-of-page"
"""Marks what the page's script takes away when it shows another page (frontend/src/app/first-page.ts)."""


def write_picture_head(picture: Picture, site: Site) -> str:
    """The elements that the head of the picture's page has more than that of any other page."""
    shared = make_shared_picture(picture, site)
    large = shared.renditions["720p"]
    properties = {
        "og:site_name": SITE_NAME,
        "og:type": "website",
        "og:title": shared.title,
        "og:description": shared.description,
        "og:url": shared.page,
        "og:image": large.url,
        "og:image:type": MEDIA_TYPE,
        "og:image:width": str(large.size.width),
        "og:image:height": str(large.size.height),
        "og:image:alt": shared.alt,
    }
    names = {
        "description": shared.description,
        "twitter:card": "summary_large_image",
        "twitter:title": shared.title,
        "twitter:description": shared.description,
        "twitter:image": large.url,
        "twitter:image:alt": shared.alt,
    }
    described = write_json_script(_describe(picture, shared))
    oembed = f"{site.locate('/oembed')}?{urlencode({'url': shared.page})}"
    return "\n".join(
        [
            f"<title>{escape(shared.title)} · {SITE_NAME}</title>",
            _preload(picture),
            *(f'<meta name="{name}" {_hold(text)} />' for name, text in names.items() if text),
            *(f'<meta property="{name}" {_hold(text)} />' for name, text in properties.items() if text),
            f'<link rel="canonical" href="{escape(shared.page)}" {OF_PAGE} />',
            f'<link rel="license" href="{escape(shared.license_url)}" {OF_PAGE} />',
            f'<link rel="alternate" type="application/json+oembed" href="{escape(oembed)}" {OF_PAGE} />',
            f'<script type="application/ld+json" {OF_PAGE}>{described}</script>',
        ]
    )


def _preload(picture: Picture) -> str:
    """The file that the page shows (frontend/src/pictures/renditions.ts), if the browser has its format."""
    best = next((each for each in (AVIF, WEBP) if each.name in picture.formats), JPEG)
    key = rendition_key(picture.image_id, picture.link_key, picture.version, "720p", best.name)
    kind = f'as="image" type="{best.media_type}"'
    return f'<link rel="preload" {kind} href="/{escape(key)}" fetchpriority="high" />'


def _hold(text: str) -> str:
    return f'content="{escape(text)}" {OF_PAGE}'


def _describe(picture: Picture, shared: SharedPicture) -> dict[str, Any]:
    """The picture as an ImageObject. What nobody has said is left out."""
    large, small = shared.renditions["720p"], shared.renditions["240p"]
    described: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "ImageObject",
        "url": shared.page,
        "name": shared.title,
        "description": shared.description,
        "contentUrl": large.url,
        "thumbnailUrl": small.url,
        "encodingFormat": MEDIA_TYPE,
        "width": large.size.width,
        "height": large.size.height,
        "license": shared.license_url,
        "acquireLicensePage": shared.page,
        "creditText": shared.credit,
        "creator": {"@type": "Person", "name": shared.creator} if shared.creator else "",
        "copyrightNotice": shared.copyright,
        "keywords": list(picture.metadata.all_tags),
        "uploadDate": rfc3339(ids.created_at(picture.image_id)),
    }
    return {name: value for name, value in described.items() if value}
