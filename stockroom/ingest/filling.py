"""What a picture's metadata become once its file has been read: what the contributor left empty is filled.

A field that the contributor has given stays as it is. A text of the file is held against the rules that a
contributor's text is held against; one that breaks them counts as absent. Nothing is filled a second time: a
field that is empty after that was emptied by somebody. Only where the file is read anew, by readers that have
learnt more, what was filled and what nobody can have emptied is filled again.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from stockroom.analysis.hashtags import parse_hashtags
from stockroom.images import tags
from stockroom.images.fields import clean_license_url, clean_line, clean_text
from stockroom.images.picture import Metadata, Picture
from stockroom.images.repository.metadata import FilledMetadata
from stockroom.images.repository.pending import LICENSE_FIELD
from stockroom.images.repository.pictures import ImageRow
from stockroom.renditions.embedded.embedded import MAX_CHARACTERS, MULTILINE, Embedded
from stockroom.runtime.errors import InvalidField
from stockroom.runtime.licenses import find_license

_PLACE = ("sublocation", "city", "state", "country")


def fill_metadata(row: ImageRow, embedded: Embedded) -> FilledMetadata:
    """The metadata of a row's picture, of whose file `embedded` is what the decoder's worker has read."""
    cleaned = clean(embedded)
    if row.has_been_read:
        return FilledMetadata(row.metadata, row.filled, cleaned)
    metadata, filled = fill_empty_fields(row.metadata, cleaned)
    license_ = find_license(cleaned.license_url)
    if license_ and LICENSE_FIELD in row.filled:
        metadata, filled = msgspec.structs.replace(metadata, license=license_), (*filled, LICENSE_FIELD)
    return FilledMetadata(metadata, filled, cleaned)


def clean(embedded: Embedded) -> Embedded:
    """The same without invisible characters, and without the texts that no contributor could have given."""
    texts = {field: _clean(field, getattr(embedded, field)) for field in MAX_CHARACTERS}
    keywords = tuple(filter(None, map(_clean_keyword, embedded.keywords)))
    return msgspec.structs.replace(embedded, **texts, keywords=tuple(dict.fromkeys(keywords)))


def fill_empty_fields(metadata: Metadata, embedded: Embedded) -> tuple[Metadata, tuple[str, ...]]:
    """The metadata with the fields that were empty, and the names of the fields that were filled."""
    found = _find_texts(embedded)
    filled = {field: text for field, text in found.items() if text and not getattr(metadata, field)}
    metadata, has_added = _add_tags(_set_texts(metadata, filled), _list_tags(embedded))
    return metadata, (*filled, *(("tags",) if has_added else ()))


def fill_again(picture: Picture, before: Embedded | None, embedded: Embedded) -> FilledMetadata:
    """The metadata of a published picture whose file was read anew; `before` is what it said the last time.

    They are as if the file had been read like that at once. A field that somebody has given or edited stays
    as it is, and so does an empty one of a picture that was ever edited. A tag and a licence are never taken
    away, as a tag may have been given as well.
    """
    cleaned, metadata = clean(embedded), picture.metadata
    is_untouched = picture.edited is None
    changed = {
        field: text
        for field, text in _find_texts(cleaned).items()
        if field in picture.filled or (is_untouched and not getattr(metadata, field))
    }
    filled = [field for field, text in changed.items() if text]
    metadata = _set_texts(metadata, changed)
    has_filled_tags = "tags" in picture.filled
    if has_filled_tags or is_untouched:
        known = _list_tags(before) if before is not None else []
        metadata, has_added = _add_tags(metadata, [tag for tag in _list_tags(cleaned) if tag not in known])
        has_filled_tags = has_filled_tags or has_added
    if has_filled_tags:
        filled.append("tags")
    if LICENSE_FIELD in picture.filled:
        license_ = find_license(cleaned.license_url) or metadata.license
        metadata = msgspec.structs.replace(metadata, license=license_)
        filled.append(LICENSE_FIELD)
    return FilledMetadata(metadata, tuple(filled), cleaned)


def _find_texts(embedded: Embedded) -> dict[str, str]:
    """The text for each field of the metadata that can be filled with one; empty where the file has none."""
    return {
        # The title is not lost where there is a caption: a search finds it, too.
        "description": embedded.caption or embedded.title,
        "credit": embedded.credit,
        "creator": embedded.creator,
        "copyright": embedded.copyright,
        "usage_terms": embedded.usage_terms,
        "license_url": embedded.license_url,
        "place": ", ".join(dict.fromkeys(filter(None, (getattr(embedded, part) for part in _PLACE)))),
    }


def _set_texts(metadata: Metadata, texts: Mapping[str, str]) -> Metadata:
    metadata = msgspec.structs.replace(metadata, **texts)
    if "description" in texts:
        metadata = msgspec.structs.replace(metadata, hashtags=tuple(parse_hashtags(metadata.description)))
    return metadata


def _add_tags(metadata: Metadata, added: Iterable[str]) -> tuple[Metadata, bool]:
    """The metadata with those of some tags that it lacks, as far as there is room; whether there were any."""
    room = max(tags.MAX_TAGS - len(metadata.tags), 0)
    new = [tag for tag in added if tag not in metadata.tags][:room]
    return msgspec.structs.replace(metadata, tags=(*metadata.tags, *new)), bool(new)


def _clean(field: str, text: str) -> str:
    if field == "license_url":
        return _try(lambda: clean_license_url(text, ""))
    if field in MULTILINE:
        return _try(lambda: clean_text(text, "description", ""))
    return _try(lambda: clean_line(text, "creator", ""))


def _clean_keyword(keyword: str) -> str:
    return _try(lambda: clean_line(keyword, "creator", ""))


def _list_tags(embedded: Embedded) -> list[str]:
    """The keywords that are tags, as tags, each once."""
    return list(dict.fromkeys(filter(None, map(_make_tag, embedded.keywords))))


def _make_tag(keyword: str) -> str:
    return _try(lambda: tags.clean([keyword])[0])


def _try(rule: Callable[[], str]) -> str:
    """What a rule makes of a text; nothing where the text breaks it."""
    try:
        return rule()
    except InvalidField:
        return ""
