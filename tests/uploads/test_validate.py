from datetime import datetime
from typing import Any

import pytest

from stockroom.runtime.errors import BadRequest
from stockroom.runtime.settings import Settings
from stockroom.uploads.requests import SharedMetadata, UploadRequest
from stockroom.uploads.validate import Rejected, ValidFile, validate_request
from tests.factories import file

SETTINGS = Settings()


def validate(*files: Any, **shared: Any) -> list[ValidFile | Rejected]:
    return validate_request(UploadRequest(files=list(files), shared=SharedMetadata(**shared)), SETTINGS)


def valid(*files: Any, **shared: Any) -> list[ValidFile]:
    answers = validate(*files, **shared)
    assert all(isinstance(answer, ValidFile) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, ValidFile)]


def test_a_valid_file_has_its_final_metadata() -> None:
    (answer,) = valid(
        file(b"abc", name="sea.jpg", type=" Image/JPEG ", description="The #Sea", tags=["Blue"]),
        tags=["trip"],
    )
    assert (answer.media_type, answer.size, len(answer.sha256)) == ("image/jpeg", 3, 32)
    metadata = answer.metadata
    assert (metadata.name, metadata.description) == ("sea.jpg", "The #Sea")
    assert (metadata.tags, metadata.hashtags) == (("trip", "blue"), ("sea",))
    assert (metadata.license, metadata.credit) == ("all-rights-reserved", "")


def test_shared_metadata_fills_what_a_file_leaves_out() -> None:
    own, shared = valid(
        file(b"1", description="own", license="CC0-1.0", credit=""),
        file(b"2"),
        description="shared",
        license="CC-BY-4.0",
        credit="A. Photographer",
    )
    assert (own.metadata.description, own.metadata.license, own.metadata.credit) == ("own", "CC0-1.0", "")
    assert (shared.metadata.description, shared.metadata.license) == ("shared", "CC-BY-4.0")
    assert shared.metadata.credit == "A. Photographer"


OTHERS = {
    "creator": "A. Artist",
    "copyright": "(c) A. Artist",
    "usage_terms": "Ask first.\nThen wait.",
    "license_url": "https://example.org/terms",
    "place": "Rügen",
}


def test_who_made_a_picture_and_what_may_be_done_with_it() -> None:
    own, shared = valid(file(b"1", **OTHERS), file(b"2"), **dict.fromkeys(OTHERS, "https://shared.example"))
    for field, value in OTHERS.items():
        assert getattr(own.metadata, field) == value
        assert getattr(shared.metadata, field) == "https://shared.example"


@pytest.mark.parametrize("field", OTHERS)
def test_texts_about_rights_and_place_are_checked_for_one_file_and_for_the_batch(field: str) -> None:
    code = f"invalid-{field.replace('_', '-')}"
    bad, good = validate(file(b"1", **{field: "\x00"}), file(b"2"))
    assert (isinstance(bad, Rejected), isinstance(good, ValidFile)) == (True, True)
    assert isinstance(bad, Rejected)
    assert bad.code == code
    (long,) = validate(file(b"1", **{field: "x" * 2001}))
    assert isinstance(long, Rejected)
    assert (long.code, "text of at most" in long.detail) == ("invalid-field", True)
    with pytest.raises(BadRequest) as caught:
        validate(file(b"1"), **{field: "\x00"})
    assert [(place.pointer, place.code) for place in caught.value.errors] == [(f"/shared/{field}", code)]


def test_what_nobody_sees_is_removed() -> None:
    (answer,) = valid(
        file(
            b"1",
            name="\u200esea\u00adside.jpg",
            description="\u202eThe #se\u200ba\u2066\n\ttoday \u2764\ufe0f",
            credit=" A.\n\u200bPhoto\u202egrapher \r\n",
        )
    )
    metadata = answer.metadata
    assert metadata.name == "seaside.jpg"
    assert (metadata.description, metadata.hashtags) == ("The #sea\n\ttoday \u2764\ufe0f", ("sea",))
    assert metadata.credit == "A. Photographer"


def test_a_description_of_which_nothing_can_be_seen_is_empty() -> None:
    (answer,) = valid(file(b"1", description=" \u200b\n", credit="\u3164"))
    assert (answer.metadata.description, answer.metadata.credit) == ("", "")


def test_one_bad_file_does_not_spoil_the_batch() -> None:
    answers = validate(file(b"1"), file(b"2", size=0), file(b"3"))
    assert [type(answer) for answer in answers] == [ValidFile, Rejected, ValidFile]


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"name": "a/b.jpg"}, "invalid-name", "path"),
        ({"name": "..\\b.jpg"}, "invalid-name", "path"),
        ({"name": ".."}, "invalid-name", "path"),
        ({"name": "a\x00.jpg"}, "invalid-name", "control"),
        ({"name": "gpj.\u202ea"}, "invalid-name", "control"),
        ({"file_name": "a/b.jpg"}, "invalid-name", "path"),
        ({"file_name": "a\x00.jpg"}, "invalid-name", "control"),
        ({"file_name": "x" * 256}, "invalid-field", "file_name must be"),
        ({"file_name": ""}, "invalid-field", "file_name must be"),
        ({"name": "  "}, "invalid-name", "blank"),
        ({"name": "\u3164\u200b"}, "invalid-name", "blank"),
        ({"name": "\u200b.."}, "invalid-name", "path"),
        ({"name": "a\u2028b.jpg"}, "invalid-name", "control"),
        ({"name": "a" + "\u0301" * 9 + ".jpg"}, "invalid-name", "accents"),
        ({"description": "a" + "\u0301" * 9}, "invalid-description", "accents"),
        ({"credit": "a" + "\u0301" * 9}, "invalid-credit", "accents"),
        ({"tags": ["\u200d"]}, "invalid-tag", "characters"),
        ({"size": 50 * 1024 * 1024 + 1}, "too-large", "52428800"),
        ({"size": "5"}, "invalid-field", "size"),
        ({"type": "image/x-unheard-of"}, "unsupported-type", "image/jpeg"),
        ({"type": "image/heic"}, "unsupported-type", "JPEG"),
        ({"type": ""}, "unsupported-type", "image/jpeg"),
        ({"sha256": "12"}, "invalid-field", "sha256"),
        ({"camera": "x"}, "unknown-field", "camera"),
        ({"tags": ["a,b"]}, "invalid-tag", "a,b"),
        ({"tags": [" # "]}, "invalid-tag", "characters"),
        ({"tags": ["sea", "x" * 65]}, "invalid-field", "texts of 1 to 64 characters"),
        ({"tags": "sea"}, "invalid-field", "texts of 1 to 64 characters"),
        ({"license": "x" * 65}, "invalid-field", "text of at most 64 characters"),
        ({"license": "WTFPL"}, "unknown-license", "CC0-1.0"),
        ({"description": "a\x07"}, "invalid-description", "control"),
        ({"credit": "a\x07"}, "invalid-credit", "control"),
    ],
)
def test_a_rejection_names_the_reason(changes: dict[str, Any], code: str, says: str) -> None:
    (answer,) = validate(file(b"1", **changes))
    assert isinstance(answer, Rejected)
    assert answer.code == code
    assert says in answer.detail


def dates_of(raw: Any, shared: SharedMetadata | None = None) -> tuple[datetime | None, datetime | None]:
    request = UploadRequest(files=[raw], shared=shared or SharedMetadata())
    (answer,) = validate_request(request, SETTINGS)
    assert isinstance(answer, ValidFile)
    return answer.metadata.embargo, answer.metadata.expires


def test_dates_are_moments_in_utc_cut_to_milliseconds() -> None:
    raw = file(embargo="2600-01-01T12:00:00.123999+02:00", expires="2600-01-01T10:00:00.124Z")
    embargo, expires = dates_of(raw)
    assert (embargo, expires) == (
        datetime(2600, 1, 1, 10, 0, 0, 123_000),  # noqa: DTZ001  as the database has it
        datetime(2600, 1, 1, 10, 0, 0, 124_000),  # noqa: DTZ001
    )


def test_a_files_own_dates_come_before_those_of_the_batch_and_null_clears_them() -> None:
    shared = SharedMetadata(embargo="2600-01-01T00:00:00Z", expires="2601-01-01T00:00:00Z")
    own = "2600-06-01T00:00:00Z"
    moments = [dates_of(raw, shared) for raw in (file(), file(embargo=own), file(embargo=None, expires=None))]
    assert [[moment and moment.isoformat() for moment in pair] for pair in moments] == [
        ["2600-01-01T00:00:00", "2601-01-01T00:00:00"],
        ["2600-06-01T00:00:00", "2601-01-01T00:00:00"],
        [None, None],
    ]


@pytest.mark.parametrize("raw", [3, None, []])
def test_a_file_that_is_not_an_object_is_rejected(raw: Any) -> None:
    (answer,) = validate(raw)
    assert isinstance(answer, Rejected)
    assert answer.code == "invalid-field"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (UploadRequest(files=[]), "no-files"),
        (UploadRequest(files=[file()] * 501), "too-many-files"),
        (UploadRequest(files=[file()], shared=SharedMetadata(license="WTFPL")), "unknown-license"),
        (UploadRequest(files=[file()], shared=SharedMetadata(tags=["a,b"])), "invalid-tag"),
        (UploadRequest(files=[file()], shared=SharedMetadata(description="\x00")), "invalid-description"),
        (UploadRequest(files=[file()], shared=SharedMetadata(credit="\x00")), "invalid-credit"),
        (UploadRequest(files=[file()], shared=SharedMetadata(embargo="soon")), "invalid-embargo"),
        (
            UploadRequest(files=[file()], shared=SharedMetadata(expires="2001-01-01T00:00:00Z")),
            "invalid-expires",
        ),
    ],
)
def test_a_wrong_batch_is_refused_whole(request_: UploadRequest, code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        validate_request(request_, SETTINGS)
    assert caught.value.code == code
