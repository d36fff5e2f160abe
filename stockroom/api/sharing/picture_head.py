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
from stockroom.api.sharing.picture_facts import MEDIA_TYPE, PictureFacts, gather_facts
from stockroom.api.sharing.site import Site
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.storage import rendition_key
from stockroom.renditions.outputs import JPEG, OUTPUT_FORMATS
from stockroom.runtime.timestamps import rfc3339

SITE_NAME = "Stockroom"
OF_PAGE = "data-of-page"
"""Marks what the page's script takes away when it shows another page (frontend/src/app/page-head.ts)."""


def write_picture_head(picture: Picture, site: Site) -> str:
    """The elements that the head of the picture's page has more than that of any other page."""
    facts = gather_facts(picture, site)
    large = facts.renditions["720p"]
    properties = {
        "og:site_name": SITE_NAME,
        "og:type": "website",
        "og:title": facts.title,
        "og:description": facts.description,
        "og:url": facts.page,
        "og:image": large.url,
        "og:image:type": MEDIA_TYPE,
        "og:image:width": str(large.size.width),
        "og:image:height": str(large.size.height),
        "og:image:alt": facts.alt,
    }
    names = {
        "description": facts.description,
        "twitter:card": "summary_large_image",
        "twitter:title": facts.title,
        "twitter:description": facts.description,
        "twitter:image": large.url,
        "twitter:image:alt": facts.alt,
    }
    described = write_json_script(_describe(picture, facts))
    oembed = f"{site.locate('/oembed')}?{urlencode({'url': facts.page})}"
    return "\n".join(
        [
            f"<title>{escape(facts.title)} · {SITE_NAME}</title>",
            _preload(picture),
            *(f'<meta name="{name}" {_hold(text)} />' for name, text in names.items() if text),
            *(f'<meta property="{name}" {_hold(text)} />' for name, text in properties.items() if text),
            f'<link rel="canonical" href="{escape(facts.page)}" {OF_PAGE} />',
            f'<link rel="license" href="{escape(facts.license_url)}" {OF_PAGE} />',
            f'<link rel="alternate" type="application/json+oembed" href="{escape(oembed)}" {OF_PAGE} />',
            f'<script type="application/ld+json" {OF_PAGE}>{described}</script>',
        ]
    )


def _preload(picture: Picture) -> str:
    """The file that the page shows (frontend/src/pictures/renditions.ts), if the browser has its format."""
    *_, best = (each for each in OUTPUT_FORMATS.values() if each.name in (JPEG.name, *picture.formats))
    key = rendition_key(picture.image_id, picture.link_key, picture.version, "720p", best.name)
    kind = f'as="image" type="{best.media_type}"'
    return f'<link rel="preload" {kind} href="/{escape(key)}" fetchpriority="high" />'


def _hold(text: str) -> str:
    return f'content="{escape(text)}" {OF_PAGE}'


def _describe(picture: Picture, facts: PictureFacts) -> dict[str, Any]:
    """The picture as an ImageObject. What nobody has said is left out."""
    large, small = facts.renditions["720p"], facts.renditions["240p"]
    described: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "ImageObject",
        "url": facts.page,
        "name": facts.title,
        "description": facts.description,
        "contentUrl": large.url,
        "thumbnailUrl": small.url,
        "encodingFormat": MEDIA_TYPE,
        "width": large.size.width,
        "height": large.size.height,
        "license": facts.license_url,
        "acquireLicensePage": facts.page,
        "creditText": facts.credit,
        "creator": {"@type": "Person", "name": facts.creator} if facts.creator else "",
        "copyrightNotice": facts.copyright,
        "keywords": list(picture.metadata.all_tags),
        "uploadDate": rfc3339(ids.created_at(picture.image_id)),
    }
    return {name: value for name, value in described.items() if value}
