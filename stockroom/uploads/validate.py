"""Validation of an upload request: the request as a whole, and each file by itself."""

import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

from msgspec import UnsetType

from stockroom.analysis.hashtags import parse_hashtags
from stockroom.images import tags
from stockroom.images.picture import Metadata
from stockroom.runtime.errors import BadRequest, FieldCode, InvalidField, RejectionCode
from stockroom.runtime.licenses import LICENSES
from stockroom.runtime.settings import Settings
from stockroom.runtime.validation import converted
from stockroom.uploads import media_types
from stockroom.uploads.requests import SharedMetadata, UploadFile, UploadRequest

# Invisible characters that reorder what is read: a name must be what it looks like.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class ValidFile:
    """One file that may be uploaded, with its final metadata. `sha256` is 32 bytes."""

    media_type: str
    size: int
    sha256: bytes
    metadata: Metadata


@dataclass(frozen=True)
class Rejected:
    """Why one file is not taken: a code for programs and a sentence for the contributor."""

    code: RejectionCode
    detail: str


def validated(request: UploadRequest, settings: Settings) -> list[ValidFile | Rejected]:
    """Each file valid or with its reason, in order; BadRequest when the batch itself is wrong."""
    if not request.files:
        raise BadRequest.at("/files", "no-files", "The batch is empty: name at least one file.")
    if len(request.files) > settings.max_files:
        detail = f"The batch has {len(request.files)} files; send at most {settings.max_files} a request."
        raise BadRequest.at("/files", "too-many-files", detail)
    shared = request.shared
    _license(shared.license, "/shared/license")
    _text(shared.description, "description", "/shared/description")
    _text(shared.credit, "credit", "/shared/credit")
    shared_tags = tags.cleaned(shared.tags, "/shared/tags")
    answers: list[ValidFile | Rejected] = []
    for raw in request.files:
        try:
            answers.append(_file(raw, shared, shared_tags, settings))
        except InvalidField as error:
            answers.append(Rejected(error.code, error.detail))
    return answers


def _file(raw: Any, shared: SharedMetadata, shared_tags: list[str], settings: Settings) -> ValidFile:
    if not isinstance(raw, dict):
        raise InvalidField("", "invalid-field", "Each file is described by an object.")
    try:
        file = converted(raw, UploadFile)
    except InvalidField as error:
        # The validator names types and patterns; these are for people.
        words = _WAY_OUT.get(error.pointer) if error.code == "invalid-field" else None
        if words is None:
            raise
        raise InvalidField(error.pointer, error.code, words) from None
    _name(file.name)
    media_type = file.type.strip().lower()
    if media_type not in media_types.ACCEPTED:
        raise InvalidField("/type", "unsupported-type", media_types.refusal(media_type))
    if file.size > settings.max_bytes:
        detail = f"The file has {file.size} bytes; the limit is {settings.max_bytes}. Export it smaller."
        raise InvalidField("/size", "too-large", detail)
    description = shared.description if isinstance(file.description, UnsetType) else file.description
    credit = shared.credit if isinstance(file.credit, UnsetType) else file.credit
    own_tags = [] if isinstance(file.tags, UnsetType) else tags.cleaned(file.tags)
    license_ = _license(file.license, "/license") or _license(shared.license, "/license")
    return ValidFile(
        media_type=media_type,
        size=file.size,
        sha256=bytes.fromhex(file.sha256),
        metadata=Metadata(
            name=file.name,
            description=_text(description, "description", "/description"),
            tags=tuple(tags.cleaned([*shared_tags, *own_tags])),
            hashtags=tuple(parse_hashtags(description)),
            license=license_ or settings.default_license,
            credit=_text(credit, "credit", "/credit"),
        ),
    )


_WAY_OUT = {
    "/size": "The size must be the file's bytes, a whole number of at least 1; an empty file is no picture.",
    "/sha256": "The sha256 must be the SHA-256 of the content: 64 hexadecimal digits.",
    "/name": "The name must be a file name of 1 to 255 characters.",
    "/type": "The type must be the file's media type, such as image/jpeg.",
    "/description": "The description must be a text of at most 2000 characters.",
    "/credit": "The credit must be a text of at most 200 characters.",
    "/tags": "The tags must be a list of at most 50 texts of 1 to 64 characters.",
}


def _name(name: str) -> None:
    if "/" in name or "\\" in name or name in (".", ".."):
        raise InvalidField("/name", "invalid-name", "The name must be a file name, without a path.")
    if not name.strip() or any(unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI for char in name):
        detail = "The name is blank or has control characters; rename the file."
        raise InvalidField("/name", "invalid-name", detail)


def _text(text: str, field: Literal["description", "credit"], pointer: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t" for char in text):
        code: FieldCode = "invalid-description" if field == "description" else "invalid-credit"
        raise InvalidField(pointer, code, f"The {field} has control characters; remove them.")
    return text


def _license(license_: str | UnsetType, pointer: str) -> str:
    if isinstance(license_, UnsetType):
        return ""
    if license_ not in LICENSES:
        detail = f"The licence {license_!r} is not known; use one of {', '.join(LICENSES)}."
        raise InvalidField(pointer, "unknown-license", detail)
    return license_
