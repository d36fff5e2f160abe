"""The answers of the HTTP API. JSON and the OpenAPI document come from these shapes.

What a client sends is in `stockroom.uploads.requests`, beside the code that validates it.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from stockroom.curation.requests import RestoredState
from stockroom.images.change_log import Action
from stockroom.images.fields import License
from stockroom.images.states import FailureCode
from stockroom.ingest.retry import RetryState
from stockroom.runtime.errors import Code, EditRejectionCode, ErrorPlace, UploadRejectionCode
from stockroom.runtime.settings import ORIGINALS

Id = Annotated[str, Meta(description="Opaque picture id", examples=["1KXJ7Q0M3V8YA"])]
Timestamp = Annotated[str, Meta(description="RFC 3339, UTC", examples=["2026-05-01T12:00:00.000Z"])]


class Ticket(Struct):
    """A presigned PUT: storage accepts exactly this content, once, until it expires."""

    method: Literal["PUT"]
    url: str
    headers: dict[str, str]
    expires: Timestamp


class FileError(Struct):
    """Why one file was not taken, in words for the contributor."""

    code: Literal[UploadRejectionCode, FailureCode]
    detail: str


URL_NAMES = {"p240": "240p", "p720": "720p"} | {
    f"p{lines}_{format_}": f"{lines}p.{format_}" for lines in (240, 720) for format_ in ("webp", "avif")
}


class ImageUrls(Struct, rename=URL_NAMES):
    """Where the renditions are, relative to the site: JPEG, and smaller formats that exist by now."""

    p240: str
    p720: str
    p240_webp: str | UnsetType = UNSET
    p720_webp: str | UnsetType = UNSET
    p240_avif: str | UnsetType = UNSET
    p720_avif: str | UnsetType = UNSET


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


class EditError(Struct):
    """Why one picture was not edited, in words for people."""

    code: EditRejectionCode
    detail: str


class EditAnswer(Struct, omit_defaults=True):
    """What became of one picture. An answer with very much text leaves `image` out of its last pictures."""

    id: Id
    state: Annotated[
        Literal["edited", "unchanged", "gone", "rejected"],
        Meta(
            description="gone: there is no such picture, or it is somebody else's. rejected: `error` says why"
        ),
    ]
    image: Image | UnsetType = UNSET
    error: EditError | UnsetType = UNSET


class EditResponse(Struct):
    """One answer per id, in the order of the request."""

    images: list[EditAnswer]


class UploadAnswer(Struct, omit_defaults=True):
    """The answer for one file: a ticket, the picture that is already there, or a reason."""

    state: Literal["pending", "duplicate", "rejected"]
    id: Id | UnsetType = UNSET
    ticket: Ticket | UnsetType = UNSET
    image: Image | UnsetType = UNSET
    error: FileError | UnsetType = UNSET


class UploadResponse(Struct):
    """One answer per file, in the order of the request."""

    files: list[UploadAnswer]


class TicketAnswer(Struct, omit_defaults=True):
    """A fresh ticket, or word that there is nothing to upload for this id any more."""

    id: Id
    state: Literal["pending", "gone"]
    ticket: Ticket | UnsetType = UNSET


class TicketsResponse(Struct):
    """One answer per id, in the order of the request."""

    files: list[TicketAnswer]


class Upload(Struct, omit_defaults=True):
    """One of my uploads and where it has got to."""

    id: Id
    name: str
    state: Literal["pending", "ready", "failed", "deleted", "hidden", "expired"]
    created: Timestamp
    image: Image | UnsetType = UNSET
    restorable_until: (
        Annotated[str, Meta(description="RFC 3339: until then a deleted picture can be restored")] | UnsetType
    ) = UNSET
    error: FileError | UnsetType = UNSET


class DeletionAnswer(Struct, omit_defaults=True):
    """What became of one picture that should be deleted."""

    id: Id
    state: Annotated[
        Literal["deleted", "gone"], Meta(description="gone: there is no such picture of yours, or no more")
    ]
    restorable_until: Timestamp | UnsetType = UNSET


class DeletionResponse(Struct):
    """One answer per picture, in the order of the request."""

    images: list[DeletionAnswer]


class RestorationAnswer(Struct, omit_defaults=True):
    """What one picture is that should be restored."""

    id: Id
    state: Annotated[
        RestoredState,
        Meta(
            description="ready: everybody finds it. hidden: it was hidden before, and is again. "
            "posted-again: you have uploaded the same content anew. gone: there is no such picture of yours, "
            "or no more"
        ),
    ]
    image: Image | UnsetType = UNSET


class RestorationResponse(Struct):
    """One answer per picture, in the order of the request."""

    images: list[RestorationAnswer]


class TakedownAnswer(Struct):
    """What became of one picture that should be taken down, or that has the same content as such a one."""

    id: Id
    state: Annotated[
        Literal["taken-down", "gone"], Meta(description="gone: there is nothing of this id any more")
    ]


class TakedownResponse(Struct):
    """One answer per picture in the order of the request, then those of the same contents."""

    images: list[TakedownAnswer]


class Takedown(Struct):
    """A content that was taken down, and is refused since."""

    sha256: str
    at: Timestamp
    reason: str
    actor: Annotated[str, Meta(description="Display name of whoever did it")]
    actor_id: Annotated[str, Meta(description="Opaque; the `owner_id` of whoever did it")]


class TakedownPage(Struct):
    """Contents that were taken down, the newest first."""

    takedowns: list[Takedown]
    next: str | None


class LogEntry(Struct):
    """Something that was done with a picture."""

    id: Annotated[str, Meta(description="Opaque; entries of later have greater numbers")]
    at: Timestamp
    image: Annotated[str, Meta(description="The picture's id; it may be gone")] | None
    action: Action
    actor: Annotated[str, Meta(description="Display name of whoever did it; empty: the library itself")]
    actor_id: Annotated[str, Meta(description="Opaque; the `owner_id` of whoever did it")] | None
    detail: Annotated[dict[str, Any], Meta(description="What the action is about")]


class LogPage(Struct):
    """Entries of the change log, the newest first."""

    entries: list[LogEntry]
    next: str | None


class RetryAnswer(Struct):
    """What became of one failed upload that should be processed again."""

    id: Id
    state: Annotated[
        RetryState,
        Meta(
            description="pending: it is processed again. gone: it has not failed, or its original is not "
            "there. posted-again: its contributor has uploaded the content anew. taken-down: its content was "
            "taken down"
        ),
    ]


class RetryResponse(Struct):
    """One answer per upload. With `next`, the request can go on with the failures that follow."""

    files: list[RetryAnswer]
    next: str | None


class UploadPage(Struct):
    """My uploads, newest first."""

    uploads: list[Upload]
    next: str | None


class TagCount(Struct):
    """A tag and how many pictures carry it."""

    tag: str
    count: int


class TagsResponse(Struct):
    """Tags that begin with the prefix, the commonest first."""

    tags: list[TagCount]


class Contributor(Struct):
    """Somebody whose pictures are seen, by their present name."""

    id: Annotated[str, Meta(description="Opaque; `owner=id:…` finds the pictures of this contributor alone")]
    name: str
    count: Annotated[int, Meta(description="Pictures that everybody sees")]


class ContributorsResponse(Struct):
    """Contributors whose names begin with the prefix, the most pictures first."""

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
