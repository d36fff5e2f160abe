"""What a copy of an original says about its picture: the metadata as they are now.

What the library has filled from the file, and nobody has edited since, stays in the file as it is: there it
may be longer, in several languages or in several parts.
"""

import msgspec

from stockroom.analysis.terms import lower_tag
from stockroom.embedding import Description, split_creators
from stockroom.images.contributor_names import looks_like_pseudonym
from stockroom.images.credit import find_creator_name, find_credit_name
from stockroom.images.picture import Picture
from stockroom.images.titles import is_file_name
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.runtime.licenses import PUBLIC_DOMAIN, license_address

UNREAD = frozenset({"image/gif"})
"""Media types of files of which the library does not read what they say."""


def read_embedded(column: str | None, media_type: str) -> Embedded | None:
    """What a file says, by the column `embedded`; None for a row whose file was never read."""
    return msgspec.json.decode(column, type=Embedded) if column and media_type not in UNREAD else None


def describe(picture: Picture, read: Embedded | None) -> Description:
    """The description for a copy of a picture's original.

    `read` is what the file of the original says; None if the file was never read. A file that names nobody
    gets the name that the credit line of the page has, unless that is a pseudonym, which says nothing outside
    of the library. Whether a file that was never read names somebody is unknown, so that nothing is written
    over its names.
    """
    metadata, filled, embedded = picture.metadata, picture.filled, read or Embedded()
    creator_name, credit_name = metadata.creator, metadata.credit
    if read:
        # A creator whom somebody has cleared is not known; the contributor would be a guess.
        creator_name = metadata.creator if embedded.creator else find_creator_name(picture)
        has_pseudonym = looks_like_pseudonym(picture.owner_name)
        credit_name = metadata.credit or metadata.creator if has_pseudonym else find_credit_name(picture)

    def choose(field: str, value: str, of_file: str | bool) -> str | None:
        # An empty field is one that somebody has cleared, if the file has a text for it. Otherwise the
        # library knows nothing better than the file.
        if field in filled or not (value or of_file):
            return None
        return value

    has_place = any((embedded.sublocation, embedded.city, embedded.state, embedded.country))
    address = license_address(metadata.license)
    creator = choose("creator", creator_name, embedded.creator)
    creators = None if creator is None else split_creators(creator)
    if creators and not metadata.creator:
        # A contributor is one person, also one with a semicolon in the name.
        creators = (creator_name,)
    license_url = choose("license_url", metadata.license_url, embedded.license_url)
    usage_terms = choose("usage_terms", metadata.usage_terms, embedded.usage_terms)
    return Description(
        # The name of a file is no title.
        title=None if is_file_name(metadata.name) else metadata.name,
        caption=choose("description", metadata.description, embedded.caption),
        creators=creators,
        credit=choose("credit", credit_name, embedded.credit),
        copyright=choose("copyright", metadata.copyright, embedded.copyright),
        usage_terms=(usage_terms or metadata.license)
        if address and "usage_terms" not in filled
        else usage_terms,
        license_url=(license_url or address) if address and "license_url" not in filled else license_url,
        license_address=address or ("" if license_url is not None else None),
        is_protected=metadata.license not in PUBLIC_DOMAIN,
        keywords=_list_keywords(picture, embedded),
        place=choose("place", metadata.place, has_place),
    )


def _list_keywords(picture: Picture, embedded: Embedded) -> tuple[str, ...] | None:
    """The tags, each spelled as in the file if it is there; None where the file has exactly these.

    Until somebody edits the tags, all keywords of the file stay beside them, also those that are no tags.
    """
    spelled = {_fold(keyword): keyword for keyword in embedded.keywords}
    keywords = tuple(spelled.get(lower_tag(tag), tag) for tag in picture.metadata.all_tags)
    if "tags" in picture.filled:
        keywords = tuple(dict.fromkeys((*embedded.keywords, *keywords)))
    return None if set(keywords) == set(embedded.keywords) else keywords


def _fold(keyword: str) -> str:
    """A keyword as the tag that the library makes of it."""
    return " ".join(lower_tag(keyword).split()).removeprefix("#")
