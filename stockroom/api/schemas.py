"""The answers about pictures and about the library; JSON and the OpenAPI document come from these shapes.

The answers about uploads are in `upload_schemas`, those about changes of published pictures in
`curation_schemas`. What a client sends is beside the code that validates it: `stockroom.uploads.requests` and
`stockroom.curation.requests`.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from stockroom.images.fields import License
from stockroom.runtime.errors import Code, ErrorPlace
from stockroom.runtime.settings import ORIGINALS

Id = Annotated[str, Meta(description="Opaque picture id", examples=["1KXJ7Q0M3V8YA"])]
Timestamp = Annotated[str, Meta(description="RFC 3339, UTC", examples=["2026-05-01T12:00:00.000Z"])]


URL_NAMES = {"p240": "240p", "p720": "720p", "p1440_webp": "1440p.webp"} | {
    f"p{lines}_{format_}": f"{lines}p.{format_}" for lines in (240, 720) for format_ in ("webp", "avif")
}


class ImageUrls(Struct, rename=URL_NAMES):
    """Where the renditions are, relative to the site: JPEG, and what exists beside it by now.

    That is smaller formats, and a larger rendition of pictures that have more lines.
    """

    p240: str
    p720: str
    p240_webp: str | UnsetType = UNSET
    p720_webp: str | UnsetType = UNSET
    p240_avif: str | UnsetType = UNSET
    p720_avif: str | UnsetType = UNSET
    p1440_webp: str | UnsetType = UNSET


class Position(Struct):
    """Where the camera stood, in degrees (WGS 84): north and east are positive."""

    latitude: float
    longitude: float


class Image(Struct):
    """A published picture, as everyone sees it."""

    id: Id
    name: str
    description: str
    tags: list[str]
    license: License
    credit: str
    creator: str
    copyright: str
    usage_terms: str
    license_url: Annotated[str, Meta(description="Where the licence or its conditions can be read")]
    place: str
    title: Annotated[str, Meta(description="The title that the file has; `name` is the file's name")]
    camera: str
    lens: str
    filled: Annotated[
        list[str], Meta(description="The fields that were filled from the file, and edited by nobody since")
    ]
    revision: Annotated[int, Meta(description="Counts the changes of the metadata; the ETag has it, too")]
    edited: Annotated[str, Meta(description="When the metadata was last edited, RFC 3339, UTC")] | None
    embargo: Annotated[str, Meta(description="The picture is hidden before then, RFC 3339, UTC")] | None
    expires: Annotated[str, Meta(description="The picture is hidden from then on, RFC 3339, UTC")] | None
    width: int
    height: int
    color: Annotated[str, Meta(description="Dominant colour, #rrggbb")]
    thumbhash: Annotated[str, Meta(description="ThumbHash placeholder, base64")]
    created: Timestamp
    taken: Annotated[str, Meta(description="Time of capture, from EXIF, XMP or IIM")] | None
    owner: Annotated[str, Meta(description="Display name of the contributor")]
    owner_id: Annotated[
        str, Meta(description="Opaque; `owner=id:…` finds the pictures of this contributor alone")
    ]
    urls: ImageUrls
    gps: Annotated[
        Position | UnsetType,
        Meta(description="In the answers about pictures for everybody, if the operator shows positions"),
    ] = UNSET


class ImagePage(Struct, omit_defaults=True):
    """One page of a search. `images` may be empty while `next` is set: go on from there."""

    images: list[Image]
    next: str | None
    previous: Annotated[str, Meta(description="Cursor of the page before this one")] | None = None
    relaxed: Annotated[bool, Meta(description="No picture has all the words: any of them had to do")] = False
    corrected: Annotated[str, Meta(description="How `q` was read, if it has words that no picture has")] = ""
    related: Annotated[
        dict[str, list[str]],
        Meta(
            description="Words of `q` that no picture has, or none together with the others, and which words "
            "each was taken for"
        ),
    ] = {}
    count: (
        Annotated[
            int,
            Meta(
                description="How many pictures match, up to a minute ago. Only where one term tells it: all "
                "pictures, one word, one tag, one filter"
            ),
        ]
        | None
    ) = None


class OEmbed(Struct, omit_defaults=True):
    """A picture for other sites, as oEmbed 1.0 says. Beyond that: the picture's page and licence."""

    type: Literal["photo"]
    version: Literal["1.0"]
    url: Annotated[str, Meta(description="The rendition, as JPEG")]
    width: int
    height: int
    title: str
    provider_name: str
    provider_url: str
    cache_age: Annotated[int, Meta(description="Seconds for which to use the answer")]
    thumbnail_url: str
    thumbnail_width: int
    thumbnail_height: int
    web_page: str
    license: License
    license_url: str
    author_name: str = ""


class SimilarImage(Image, kw_only=True):
    """A picture that is like another one."""

    kind: Annotated[
        Literal["same-bytes", "same-pixels", "near", "alike"],
        Meta(
            description="same-bytes: the same file. same-pixels: the same pixels, in another file. near: "
            "nearly the same to the eye, as the frames of a burst, a small crop, a smaller copy. alike: it "
            "shares what is rare about the picture"
        ),
    ]


class SimilarPage(Struct):
    """Pictures that are like one: its duplicates first, in the order of the kinds. `next` is always null."""

    images: list[SimilarImage]
    next: None


class DuplicateGroup(Struct):
    """Duplicates among my pictures, the newest first; each is a duplicate of the first one."""

    kind: Annotated[
        Literal["same-pixels", "near"],
        Meta(description="same-pixels: all of them have the same pixels. near: nearly the same to the eye"),
    ]
    images: list[Image]


class DuplicatesPage(Struct):
    """Groups of duplicates. `groups` may be empty while `next` is set: go on from there."""

    groups: list[DuplicateGroup]
    next: str | None


class Cover(Struct):
    """What it takes to show a picture, and to link to it."""

    id: Id
    width: int
    height: int
    color: str
    thumbhash: str
    urls: ImageUrls


class TagCount(Struct):
    """A tag and how many pictures carry it; without a prefix, one of the newest of these pictures, too."""

    tag: str
    count: int
    cover: Cover | UnsetType = UNSET


class TagsResponse(Struct):
    """Tags that begin with the prefix, the commonest first."""

    tags: list[TagCount]


class Contributor(Struct):
    """Somebody whose pictures are seen, by their present name."""

    id: Annotated[str, Meta(description="Opaque; `owner=id:…` finds the pictures of this contributor alone")]
    name: str
    count: Annotated[int, Meta(description="Pictures that everybody sees")]


class ContributorsResponse(Struct):
    """Contributors of whose names a word begins with the prefix, the most pictures first."""

    contributors: list[Contributor]


class WordCount(Struct):
    """A word and how many pictures have it, in any form."""

    word: str
    count: int


class WordsResponse(Struct):
    """Words that begin with the prefix, the commonest first."""

    words: list[WordCount]


class FileFormat(Struct):
    """A format that the library knows by the first bytes of a file, accepted or not.

    The first of a file's ISOBMFF brands that a format has decides; without one, the first signature that
    fits.
    """

    title: str
    type: Annotated[str, Meta(description="Media type; `types` of the configuration has the accepted ones")]
    signatures: Annotated[
        list[str], Meta(description="How its files begin: hexadecimal digits, each dot for any digit")
    ]
    brands: Annotated[list[str], Meta(description="Brands in the file type box of its files")]
    refusal: Annotated[str, Meta(description="Why it is not accepted, and what to do; empty if it is")]


class Provider(Struct):
    """An OpenID provider at which people sign in, by an authorization code with PKCE."""

    issuer: str
    client_id: str
    audience: Annotated[str, Meta(description="The `aud` that its JWT access tokens must have")]


class Config(Struct):
    """What a client needs to know before it uploads."""

    version: str
    types: list[str]
    formats: list[FileFormat]
    max_bytes: int
    max_pixels: int
    max_files: int
    max_query: Annotated[int, Meta(description="Characters of a search query")]
    max_ranked: Annotated[
        int, Meta(description="Pictures that a search by relevance ranks; its results end there")
    ]
    ticket_seconds: int
    restore_seconds: Annotated[int, Meta(description="How long a deleted picture can be restored")]
    visibility: Literal["public", "private"]
    originals: Annotated[
        str,
        Meta(
            description="Who may download originals: owners, everybody as the licence allows, or everybody",
            extra_json_schema={"enum": list(ORIGINALS)},
        ),
    ]
    default_license: License
    licenses: list[str]
    providers: Annotated[list[Provider], Meta(description="Where people sign in, beside sign-in links")]


class OriginalLink(Struct, omit_defaults=True):
    """Where an original can be had for some minutes, and what is to be expected there."""

    url: Annotated[str, Meta(description="A presigned GET, which answers with a download")]
    expires: Timestamp
    name: Annotated[str, Meta(description="The name of the file")]
    type: Annotated[str, Meta(description="Its true media type")]
    size: Annotated[int, Meta(description="Bytes")]
    metadata: Annotated[bool, Meta(description="A copy that carries the present metadata")]
    sha256: Annotated[str, Meta(description="Of the bytes that come, in hexadecimal digits")] | UnsetType = (
        UNSET
    )
    note: Annotated[str, Meta(description="Why it is the original, though a copy was asked for")] = ""


class Health(Struct, omit_defaults=True):
    """Liveness; `database` is there only with `?deep=1`."""

    status: Literal["ok"]
    version: str
    database: Literal["ok"] | UnsetType = UNSET


class Problem(Struct, omit_defaults=True):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: Code
    errors: list[ErrorPlace] | UnsetType = UNSET
