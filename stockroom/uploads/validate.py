"""Validation of an upload request: of the batch as a whole, and of each file by itself."""

import unicodedata
from typing import Any, Literal

from msgspec import Struct, UnsetType

from stockroom.analysis.appearance import DIRECTIONS, has_too_many_marks, remove_invisible
from stockroom.analysis.hashtags import parse_hashtags
from stockroom.images import tags
from stockroom.images.picture import Metadata
from stockroom.runtime.errors import BadRequest, FieldCode, InvalidField, UploadRejectionCode
from stockroom.runtime.licenses import LICENSES
from stockroom.runtime.settings import Settings
from stockroom.runtime.validation import convert
from stockroom.uploads import media_types
from stockroom.uploads.requests import SharedMetadata, UploadFile, UploadRequest

# Control characters, halves of characters, and the separators of lines and paragraphs.
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")


class ValidFile(Struct, frozen=True):
    """One file that may be uploaded, with its final metadata. `sha256` is 32 bytes."""

    media_type: str
    size: int
    sha256: bytes
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
    _check_license(shared.license, "/shared/license")
    _clean_text(shared.description, "description", "/shared/description")
    _clean_text(shared.credit, "credit", "/shared/credit")
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
    name = _clean_name(file.name)
    media_type = file.type.strip().lower()
    if media_type not in media_types.ACCEPTED:
        raise InvalidField("/type", "unsupported-type", media_types.refusal(media_type))
    if file.size > settings.max_bytes:
        detail = f"The file has {file.size} bytes; the limit is {settings.max_bytes}. Export it smaller."
        raise InvalidField("/size", "too-large", detail)
    description = _clean_text(
        shared.description if isinstance(file.description, UnsetType) else file.description,
        "description",
        "/description",
    )
    credit = shared.credit if isinstance(file.credit, UnsetType) else file.credit
    own_tags = [] if isinstance(file.tags, UnsetType) else tags.clean(file.tags)
    license_ = _check_license(file.license, "/license") or _check_license(shared.license, "/license")
    return ValidFile(
        media_type=media_type,
        size=file.size,
        sha256=bytes.fromhex(file.sha256),
        metadata=Metadata(
            name=name,
            description=description,
            tags=tuple(tags.clean([*shared_tags, *own_tags])),
            hashtags=tuple(parse_hashtags(description)),
            license=license_ or settings.default_license,
            credit=" ".join(_clean_text(credit, "credit", "/credit").split()),
        ),
    )


_DETAILS = {
    "size": "The size must be the file's bytes, a whole number of at least 1; an empty file is no picture.",
    "sha256": "The sha256 must be the SHA-256 of the content: 64 hexadecimal digits.",
    "name": "The name must be a file name of 1 to 255 characters.",
    "type": "The type must be the file's media type, such as image/jpeg.",
    "description": "The description must be a text of at most 2000 characters.",
    "credit": "The credit must be a text of at most 200 characters.",
    "tags": "The tags must be a list of at most 50 texts of 1 to 64 characters.",
    "license": "The licence must be a text of at most 64 characters, such as CC-BY-4.0.",
}


def _clean_name(name: str) -> str:
    """The name without invisible characters; InvalidField for what is no file name or looks like another."""
    cleaned = remove_invisible(name)
    if any(unicodedata.category(char) in _CONTROLS or char in DIRECTIONS for char in name):
        detail = "The name has control characters; rename the file."
        raise InvalidField("/name", "invalid-name", detail)
    if not cleaned:
        raise InvalidField("/name", "invalid-name", "The name is blank; rename the file.")
    if "/" in cleaned or "\\" in cleaned or cleaned in (".", ".."):
        raise InvalidField("/name", "invalid-name", "The name must be a file name, without a path.")
    if has_too_many_marks(cleaned):
        raise InvalidField(
            "/name", "invalid-name", "The name has too many accents on one letter; rename the file."
        )
    return cleaned


def _clean_text(text: str, field: Literal["description", "credit"], pointer: str) -> str:
    """The text without invisible characters; InvalidField when it has control characters other than line
    breaks and tabs, or a pile of accents.
    """
    code: FieldCode = "invalid-description" if field == "description" else "invalid-credit"
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t" for char in text):
        raise InvalidField(pointer, code, f"The {field} has control characters; remove them.")
    cleaned = remove_invisible(text)
    if has_too_many_marks(cleaned):
        raise InvalidField(pointer, code, f"The {field} has too many accents on one letter; remove them.")
    return cleaned


def _check_license(license_: str | UnsetType, pointer: str) -> str:
    """The licence itself, or an empty text when none was sent; InvalidField for one not in LICENSES."""
    if isinstance(license_, UnsetType):
        return ""
    if license_ not in LICENSES:
        detail = f"The licence {license_!r} is not known; use one of {', '.join(LICENSES)}."
        raise InvalidField(pointer, "unknown-license", detail)
    return license_
