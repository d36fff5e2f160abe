import pytest

from stockroom.uploads.media_types import ACCEPTED, refusal


def test_every_accepted_type_is_an_image() -> None:
    assert "image/jpeg" in ACCEPTED
    assert all(media_type.startswith("image/") for media_type in ACCEPTED)
    assert len(set(ACCEPTED)) == len(ACCEPTED)


def test_a_refusal_names_what_is_accepted() -> None:
    detail = refusal("image/x-unheard-of")
    assert "image/x-unheard-of" in detail
    assert all(media_type in detail for media_type in ACCEPTED)


@pytest.mark.parametrize("media_type", ["image/heic", "image/heif-sequence"])
def test_a_heic_photo_is_to_be_exported_as_jpeg(media_type: str) -> None:
    assert media_type not in ACCEPTED
    assert "Export the photo as JPEG" in refusal(media_type)


def test_the_type_of_a_known_format_is_refused_as_its_files_are() -> None:
    assert refusal("application/pdf").startswith("PDF files are not accepted. Export it as JPEG, PNG")


def test_a_long_type_is_not_repeated_whole() -> None:
    assert len(refusal("x" * 10_000)) < 300
