"""Names of downloads."""

from email.message import Message

import pytest

from stockroom.downloads.file_name import make_disposition, make_file_name


@pytest.mark.parametrize(
    ("name", "media_type", "file_name"),
    [
        ("sea.jpg", "image/jpeg", "sea.jpg"),
        ("sea.JPEG", "image/jpeg", "sea.JPEG"),
        ("sea.2016.jpg", "image/jpeg", "sea.2016.jpg"),
        ("sea.2016.png", "image/jpeg", "sea.2016.jpg"),
        (" X.X .jpg", "image/jpeg", "X.X.jpg"),
        ("sea.png", "image/jpeg", "sea.jpg"),
        ("Sunset over the sea", "image/webp", "Sunset over the sea.webp"),
        ("No. 5", "image/png", "No. 5.png"),
        (".jpg", "image/jpeg", "jpg.jpg"),
        ("Tür 東京", "image/avif", "Tür 東京.avif"),
        ('a"b\\c:d|e%20?', "image/gif", "a_b_c_d_e_20_.gif"),
        ("...", "image/gif", "picture.gif"),
        ("x" * 255, "image/gif", "x" * 120 + ".gif"),
        ("sea.jpg", "image/unknown", "sea.bin"),
    ],
)
def test_a_name_ends_as_its_type_wants(name: str, media_type: str, file_name: str) -> None:
    assert make_file_name(name, media_type) == file_name


@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("sea.JPEG", "sea-with-details.JPEG"),
        ("Sunset over the sea", "Sunset over the sea-with-details.jpg"),
        ("x" * 255, "x" * 120 + "-with-details.jpg"),
    ],
)
def test_an_addition_stands_before_the_extension(name: str, file_name: str) -> None:
    assert make_file_name(name, "image/jpeg", addition="-with-details") == file_name


@pytest.mark.parametrize(
    ("file_name", "plain"),
    [
        ("sea.jpg", "sea.jpg"),
        ("Tür 東京.jpg", "Tur .jpg"),
        ("東京.jpg", "picture.jpg"),
        ("a'b;c, d.jpg", "a'b;c, d.jpg"),
        ("½.jpg", "12.jpg"),
    ],
)
def test_a_disposition_has_the_name_twice(file_name: str, plain: str) -> None:
    header = make_disposition(file_name)
    assert header.isascii()
    assert header.startswith(f'attachment; filename="{plain}"; ')
    message = Message()
    message["Content-Disposition"] = (
        f"attachment; {header.partition('; filename*')[2].join(['filename*', ''])}"
    )
    assert message.get_filename() == file_name


def test_what_ends_a_quoted_text_or_a_folder_is_in_neither_name() -> None:
    assert make_disposition('a/b"c~.jpg') == (
        "attachment; filename=\"a_b_c~.jpg\"; filename*=UTF-8''a%2Fb%22c~.jpg"
    )
