"""What a copy of an original says about its picture: the metadata as they are now.

What the library has filled from the file, and nobody has edited since, stays in the file as it is: there it
may be longer, in several languages or in several parts.
"""

import unicodedata

import msgspec

from stockroom.downloads.file_name import has_extension
from stockroom.embedding import Description
from stockroom.images.picture import Picture
from stockroom.runtime.licenses import PUBLIC_DOMAIN, license_address


class FileTexts(msgspec.Struct, frozen=True, kw_only=True):
    """What the file itself says, of what the library knows: part of the column `embedded`."""

    caption: str = ""
    creator: str = ""
    credit: str = ""
    copyright: str = ""
    usage_terms: str = ""
    license_url: str = ""
    sublocation: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def has_place(self) -> bool:
        """Whether the file names a place."""
        return bool(self.sublocation or self.city or self.state or self.country)


def read_file_texts(embedded: str | None) -> FileTexts:
    """The column `embedded`; nothing for a row whose file was never read."""
    return msgspec.json.decode(embedded, type=FileTexts) if embedded else FileTexts()


def describe(picture: Picture, texts: FileTexts) -> Description:
    """The description for a copy of a picture's original, of which the file says `texts`."""
    metadata, filled = picture.metadata, picture.filled

    def choose(field: str, value: str, of_file: str | bool) -> str | None:
        # An empty field is one that somebody has cleared, if the file has a text for it. Otherwise the
        # library knows nothing better than the file.
        if field in filled or not (value or of_file):
            return None
        return value

    address = license_address(metadata.license)
    license_url = choose("license_url", metadata.license_url, texts.license_url)
    usage_terms = choose("usage_terms", metadata.usage_terms, texts.usage_terms)
    return Description(
        # The name of a file is no title.
        title=None if has_extension(metadata.name) else metadata.name,
        caption=choose("description", metadata.description, texts.caption),
        creator=choose("creator", metadata.creator, texts.creator),
        credit=choose("credit", metadata.credit, texts.credit),
        copyright=choose("copyright", metadata.copyright, texts.copyright),
        usage_terms=(usage_terms or metadata.license)
        if address and "usage_terms" not in filled
        else usage_terms,
        license_url=(license_url or address) if address and "license_url" not in filled else license_url,
        license_address=address or ("" if license_url is not None else None),
        is_protected=metadata.license not in PUBLIC_DOMAIN,
        keywords=_list_keywords(picture, texts),
        place=choose("place", metadata.place, texts.has_place),
    )


def _list_keywords(picture: Picture, texts: FileTexts) -> tuple[str, ...] | None:
    """The tags, each spelled as in the file if it is there; None where the file has exactly these."""
    spelled = {_fold(keyword): keyword for keyword in texts.keywords}
    keywords = tuple(spelled.get(tag, tag) for tag in picture.metadata.all_tags)
    return None if set(keywords) == set(texts.keywords) else keywords


def _fold(keyword: str) -> str:
    """A keyword as the tag that the library makes of it."""
    return " ".join(unicodedata.normalize("NFKC", keyword).lower().split())
