"""Pictures and suggestions as the answers of the HTTP API: ids become text, moments RFC 3339, keys paths."""

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from stockroom.api import schemas
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.storage import rendition_key
from stockroom.renditions.outputs import find_formats
from stockroom.runtime.timestamps import rfc3339

if TYPE_CHECKING:
    from stockroom.downloads.handing_out import Handout

    # The functions without a search show pictures, too, and start faster without the index.
    from stockroom.images.duplicates import GroupPage
    from stockroom.search.service import Contributor, PopularTag, SearchPage, SimilarPicture


def present_image(picture: Picture, *, shows_gps: bool = False) -> schemas.Image:
    """A picture as everybody sees it; where it was taken is shown only if the operator wants it so."""
    metadata = picture.metadata
    position = picture.gps if shows_gps else None
    return schemas.Image(
        id=ids.encode(picture.image_id),
        name=metadata.name,
        description=metadata.description,
        tags=list(metadata.all_tags),
        license=metadata.license,
        credit=metadata.credit,
        creator=metadata.creator,
        copyright=metadata.copyright,
        usage_terms=metadata.usage_terms,
        license_url=metadata.license_url,
        place=metadata.place,
        title=picture.title,
        camera=picture.camera,
        lens=picture.lens,
        filled=list(picture.filled),
        revision=picture.revision,
        edited=_present_moment(picture.edited),
        embargo=_present_moment(metadata.embargo),
        expires=_present_moment(metadata.expires),
        width=picture.width,
        height=picture.height,
        color=picture.color,
        thumbhash=base64.b64encode(picture.thumbhash).decode(),
        created=rfc3339(ids.created_at(picture.image_id)),
        taken=_present_moment(picture.taken),
        owner=picture.owner_name,
        owner_id=str(picture.owner_id),
        urls=_present_urls(picture),
        gps=UNSET if position is None else schemas.Position(position.latitude, position.longitude),
    )


def _present_moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _present_urls(picture: Picture) -> schemas.ImageUrls:
    def url(name: str, format_: str = "jpeg") -> str:
        return "/" + rendition_key(picture.image_id, picture.link_key, picture.version, name, format_)

    further = {
        f"p{name[:-1]}_{format_.extension}": url(name, format_.name)
        for format_ in find_formats(picture.formats)
        for name in format_.renditions
    }
    return schemas.ImageUrls(p240=url("240p"), p720=url("720p"), **further)


def present_page(page: "SearchPage", *, shows_gps: bool = False) -> schemas.ImagePage:
    """A page of a search."""
    return schemas.ImagePage(
        images=[present_image(picture, shows_gps=shows_gps) for picture in page.pictures],
        next=page.next,
        previous=page.previous,
        relaxed=page.is_relaxed,
        corrected=page.corrected_query,
        related={word: [*words] for word, words in page.related_words.items()},
        count=page.count,
    )


def present_similar(found: Iterable["SimilarPicture"], *, shows_gps: bool = False) -> schemas.SimilarPage:
    """Similar pictures: one page, and no other after it."""
    images = [
        schemas.SimilarImage(
            **msgspec.structs.asdict(present_image(each.picture, shows_gps=shows_gps)), kind=each.kind
        )
        for each in found
    ]
    return schemas.SimilarPage(images=images, next=None)


def present_groups(
    page: "GroupPage", pictures: Iterable[Picture], *, shows_gps: bool = False
) -> schemas.DuplicatesPage:
    """Groups of duplicates with those of their pictures that are still ready."""
    images = {picture.image_id: present_image(picture, shows_gps=shows_gps) for picture in pictures}
    groups = [
        schemas.DuplicateGroup(
            group.kind, [images[image_id] for image_id in group.image_ids if image_id in images]
        )
        for group in page.groups
    ]
    return schemas.DuplicatesPage(
        groups=[group for group in groups if len(group.images) > 1],
        next=None if page.next is None else ids.encode(page.next),
    )


def present_tags(counts: Iterable[tuple[str, int]]) -> schemas.TagsResponse:
    """Tags with how many pictures carry them."""
    return schemas.TagsResponse([schemas.TagCount(tag, count) for tag, count in counts])


def present_popular_tags(tags: Iterable["PopularTag"]) -> schemas.TagsResponse:
    """Tags with how many pictures carry them, and what it takes to show one of these."""
    return schemas.TagsResponse(
        [
            schemas.TagCount(
                each.tag, each.picture_count, _present_cover(each.cover) if each.cover else UNSET
            )
            for each in tags
        ]
    )


def _present_cover(picture: Picture) -> schemas.Cover:
    return schemas.Cover(
        id=ids.encode(picture.image_id),
        width=picture.width,
        height=picture.height,
        color=picture.color,
        thumbhash=base64.b64encode(picture.thumbhash).decode(),
        urls=_present_urls(picture),
    )


def present_contributor(contributor: "Contributor") -> schemas.Contributor:
    """A contributor as everybody sees them."""
    return schemas.Contributor(str(contributor.owner_id), contributor.name, contributor.picture_count)


def present_contributors(found: Iterable["Contributor"]) -> schemas.ContributorsResponse:
    """Contributors with how many pictures everybody sees of theirs."""
    return schemas.ContributorsResponse([present_contributor(each) for each in found])


def present_formats() -> list[schemas.FileFormat]:
    """Every format that is known by its first bytes; the accepted ones come first."""
    from stockroom.renditions.refused_formats import RefusedFormat
    from stockroom.renditions.sniffing import KNOWN_FORMATS, explain_refusal

    return [
        schemas.FileFormat(
            title=each.title,
            type=each.media_type,
            signatures=list(each.signatures),
            brands=list(each.brands),
            refusal=explain_refusal(each) if isinstance(each, RefusedFormat) else "",
        )
        for each in KNOWN_FORMATS
        if each.signatures or each.brands
    ]


def present_words(counts: Iterable[tuple[str, int]]) -> schemas.WordsResponse:
    """Words with how many pictures have them."""
    return schemas.WordsResponse([schemas.WordCount(word, count) for word, count in counts])


def present_handout(handout: "Handout") -> schemas.OriginalLink:
    """The link to an original, or to the copy of one."""
    return schemas.OriginalLink(
        url=handout.url,
        expires=rfc3339(handout.expires_at),
        name=handout.name,
        type=handout.media_type,
        size=handout.size,
        metadata=handout.has_metadata,
        sha256=UNSET if handout.sha256 is None else handout.sha256.hex(),
        note=handout.refusal,
    )
