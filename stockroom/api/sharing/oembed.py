"""oEmbed 1.0 (https://oembed.com): a picture for other sites, which ask by the address of its page."""

from stockroom.api.schemas import OEmbed
from stockroom.api.sharing.picture_head import SITE_NAME
from stockroom.api.sharing.shared_picture import SharedRendition, make_shared_picture
from stockroom.api.sharing.site import Site
from stockroom.images.picture import Picture
from stockroom.renditions.rendered import Size

CACHE_SECONDS = 3600
"""For so long a consumer should use an answer. A picture that is deleted is gone from other sites at once, as
they show the rendition itself."""


def present_oembed(picture: Picture, site: Site, *, max_width: int, max_height: int) -> OEmbed:
    """The answer for a picture, as large as it may be; a limit of 0 is none."""
    shared = make_shared_picture(picture, site)
    limit = Size(height=max_height or picture.height, width=max_width or picture.width)
    small = shared.renditions["240p"]
    shown = next(
        (each for each in (shared.renditions["720p"], small) if _fits(each.size, limit)),
        # There is nothing smaller: it is to be shown smaller than it is.
        SharedRendition(small.url, _shrink(small.size, limit)),
    )
    thumbnail = _shrink(small.size, limit)
    return OEmbed(
        version="1.0",
        type="photo",
        title=shared.title,
        author_name=shared.creator or shared.credit,
        provider_name=SITE_NAME,
        provider_url=site.url,
        cache_age=CACHE_SECONDS,
        url=shown.url,
        width=shown.size.width,
        height=shown.size.height,
        thumbnail_url=small.url,
        thumbnail_width=thumbnail.width,
        thumbnail_height=thumbnail.height,
        web_page=shared.page,
        license=shared.license,
        license_url=shared.license_url,
    )


def _fits(size: Size, limit: Size) -> bool:
    return size.width <= limit.width and size.height <= limit.height


def _shrink(size: Size, limit: Size) -> Size:
    shrink = max(1, size.width / limit.width, size.height / limit.height)
    return Size(height=max(1, int(size.height / shrink)), width=max(1, int(size.width / shrink)))
