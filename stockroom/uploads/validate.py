"""Validation of an upload request: of the batch as a whole, and of each file by itself."""

from typing import Any, TypeVar

from msgspec import Struct, UnsetType

from stockroom.analysis.hashtags import parse_hashtags
from stockroom.images import tags
from stockroom.images.fields import (
    MAX_CHARACTERS,
    LineField,
    check_dates,
    check_license,
    clean_license_url,
    clean_line,
    clean_moment,
    clean_name,
    clean_text,
)
from stockroom.images.picture import Metadata
from stockroom.runtime.errors import BadRequest, InvalidField, UploadRejectionCode
from stockroom.runtime.settings import Settings
from stockroom.runtime.validation import convert
from stockroom.uploads import media_types
from stockroom.uploads.requests import SharedMetadata, UploadFile, UploadRequest

T = TypeVar("T")
_LINES: tuple[LineField, ...] = ("credit", "creator", "copyright", "place")


class ValidFile(Struct, frozen=True):
    """One file that may be uploaded, with its own name and its final metadata. `sha256` is 32 bytes."""

    media_type: str
    size: int
    sha256: bytes
    file_name: str
    metadata: Metadata


class Rejected(Struct, frozen=True):
    """Why one file is not accepted: a code for programs and a sentence for the contributor."""

    code: UploadRejectionCode
    detail: str


def validate_request(request: UploadRequest, settings: Settings) -> list[ValidFile | Rejected]:
    """Each file as valid or with its reason, in request order; BadRequest when the batch itself is wrong."""
    if not request.files:
        raise BadRequest.at("/files", "no-files", "The batch is empty: name at least one file.")
    if len(request.files) > settings.max_files:
        detail = f"The batch has {len(request.files)} files; send at most {settings.max_files} a request."
        raise BadRequest.at("/files", "too-many-files", detail)
    shared = request.shared
    _check_shared(shared)
    shared_tags = tags.clean(shared.tags, "/shared/tags")
    answers: list[ValidFile | Rejected] = []
    for raw in request.files:
        try:
            answers.append(_validate_file(raw, shared, shared_tags, settings))
        except InvalidField as error:
            answers.append(Rejected(error.code, error.detail))
    return answers


def _validate_file(raw: Any, shared: SharedMetadata, shared_tags: list[str], settings: Settings) -> ValidFile:
    """The file with its final metadata; InvalidField for the first field that is wrong."""
    if not isinstance(raw, dict):
        raise InvalidField("", "invalid-field", "Each file is described by an object.")
    try:
        file = convert(raw, UploadFile)
    except InvalidField as error:
        # msgspec's messages name types and patterns; contributors get sentences about their file.
        # A single tag has the pointer /tags/2.
        field = error.pointer.removeprefix("/").partition("/")[0]
        detail = _DETAILS.get(field) if error.code == "invalid-field" else None
        if detail is None:
            raise
        raise InvalidField(error.pointer, error.code, detail) from None
    name = clean_name(file.name)
    file_name = name if isinstance(file.file_name, UnsetType) else clean_name(file.file_name, "/file_name")
    media_type = file.type.strip().lower()
    if media_type not in media_types.ACCEPTED:
        raise InvalidField("/type", "unsupported-type", media_types.refusal(media_type))
    if file.size > settings.max_bytes:
        detail = f"The file has {file.size} bytes; the limit is {settings.max_bytes}. Export it smaller."
        raise InvalidField("/size", "too-large", detail)
    description = clean_text(_either(file.description, shared.description), "description", "/description")
    own_tags = [] if isinstance(file.tags, UnsetType) else tags.clean(file.tags)
    lines = {
        field: clean_line(_either(getattr(file, field), getattr(shared, field)), field, f"/{field}")
        for field in _LINES
    }
    embargo = clean_moment(_either(file.embargo, shared.embargo), "embargo", "/embargo")
    expires = clean_moment(_either(file.expires, shared.expires), "expires", "/expires")
    check_dates(embargo, expires, "")
    license_ = _choose_license(file, shared)
    return ValidFile(
        media_type=media_type,
        size=file.size,
        sha256=bytes.fromhex(file.sha256),
        file_name=file_name,
        metadata=Metadata(
            name=name,
            description=description,
            tags=tuple(tags.clean([*shared_tags, *own_tags])),
            hashtags=tuple(parse_hashtags(description)),
            license=license_ or settings.default_license,
            has_default_license=not license_,
            usage_terms=clean_text(
                _either(file.usage_terms, shared.usage_terms), "usage_terms", "/usage_terms"
            ),
            license_url=clean_license_url(_either(file.license_url, shared.license_url), "/license_url"),
            **lines,
            embargo=embargo,
            expires=expires,
        ),
    )


def _check_shared(shared: SharedMetadata) -> None:
    """InvalidField for the first field of the shared metadata that is wrong."""
    if not isinstance(shared.license, UnsetType):
        check_license(shared.license, "/shared/license")
    clean_text(shared.description, "description", "/shared/description")
    clean_text(shared.usage_terms, "usage_terms", "/shared/usage_terms")
    clean_license_url(shared.license_url, "/shared/license_url")
    for field in _LINES:
        clean_line(getattr(shared, field), field, f"/shared/{field}")
    embargo = clean_moment(shared.embargo, "embargo", "/shared/embargo")
    expires = clean_moment(shared.expires, "expires", "/shared/expires")
    check_dates(embargo, expires, "/shared")


def _either(own: T | UnsetType, shared: T) -> T:
    """A file's own value, or that of the batch where the file says nothing."""
    return shared if isinstance(own, UnsetType) else own


def _choose_license(file: UploadFile, shared: SharedMetadata) -> str:
    """The licence of the file or of the batch; empty where neither names one."""
    if not isinstance(file.license, UnsetType):
        return check_license(file.license, "/license")
    return "" if isinstance(shared.license, UnsetType) else shared.license


_TEXTS = {
    "description": "The description",
    "credit": "The credit",
    "creator": "The creator",
    "copyright": "The copyright notice",
    "usage_terms": "The usage terms",
    "license_url": "The address of the licence",
    "place": "The place",
}
_DETAILS = {
    "size": "The size must be the file's bytes, a whole number of at least 1; an empty file is no picture.",
    "sha256": "The sha256 must be the SHA-256 of the content: 64 hexadecimal digits.",
    "name": f"The name must be a file name of 1 to {MAX_CHARACTERS['name']} characters.",
    "file_name": f"The file_name must be a file name of 1 to {MAX_CHARACTERS['name']} characters.",
    "type": "The type must be the file's media type, such as image/jpeg.",
    "embargo": "The embargo must be a moment such as 2027-05-01T12:00:00Z, or null for none.",
    "expires": "The expiry must be a moment such as 2027-05-01T12:00:00Z, or null for none.",
    "tags": (
        f"The tags must be a list of at most {tags.MAX_TAGS} texts of 1 to {tags.MAX_LENGTH} characters."
    ),
    "license": (
        f"The licence must be a text of at most {MAX_CHARACTERS['license']} characters, such as CC-BY-4.0."
    ),
    **{
        field: f"{name} must be a text of at most {MAX_CHARACTERS[field]} characters."
        for field, name in _TEXTS.items()
    },
}
