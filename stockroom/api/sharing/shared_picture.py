"""What is said of a picture wherever it is shown: title, credit, licence, sizes and addresses."""

from msgspec import Struct

from stockroom.analysis.hashtags import remove_hashtags
from stockroom.api.sharing.escaping import make_line
from stockroom.api.sharing.site import Site
from stockroom.images.credit import find_creator_name, find_credit_name
from stockroom.images.picture import Picture
from stockroom.images.titles import make_title
from stockroom.renditions.outputs import JPEG
from stockroom.renditions.rendered import Size, fit
from stockroom.runtime.licenses import license_address

MAX_TITLE = 80
MAX_DESCRIPTION = 300
MAX_NAME = 200
MAX_COPYRIGHT = 500
MEDIA_TYPE = JPEG.media_type


class SharedRendition(Struct, frozen=True):
    """A JPEG rendition by its address."""

    url: str
    size: Size


class SharedPicture(Struct, frozen=True, kw_only=True):
    """A picture as other sites show it, in plain texts that nothing has escaped yet."""

    page: str
    title: str
    description: str
    alt: str
    creator: str
    credit: str
    copyright: str
    license: str
    license_url: str
    """Where the licence can be read; for a licence without an address of its own, the picture's `license_url`
    or else the picture's page."""
    renditions: dict[str, SharedRendition]


def make_shared_picture(picture: Picture, site: Site) -> SharedPicture:
    """What is said of a picture of this site."""
    metadata = picture.metadata
    caption = remove_hashtags(metadata.description)
    page = site.locate_picture(picture.image_id)
    return SharedPicture(
        page=page,
        title=make_line(make_title(metadata), MAX_TITLE),
        description=make_line(caption, MAX_DESCRIPTION),
        alt=make_line(caption or metadata.name, MAX_DESCRIPTION),
        creator=make_line(find_creator_name(picture), MAX_NAME),
        credit=make_line(find_credit_name(picture), MAX_NAME),
        copyright=make_line(metadata.copyright, MAX_COPYRIGHT),
        license=metadata.license,
        # A file may name another licence than the contributor has chosen. The chosen one counts, as in the
        # page's credit line (frontend/src/pictures/credit.ts).
        license_url=license_address(metadata.license) or metadata.license_url or page,
        renditions={
            name: SharedRendition(
                site.locate_rendition(picture.image_id, picture.link_key, picture.version, name),
                fit(picture.width, picture.height, name),
            )
            for name in JPEG.renditions
        },
    )
