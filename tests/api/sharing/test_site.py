"""Addresses of the site, and which of the addresses that others name are its own."""

import pytest

from stockroom.api.sharing.site import Site
from stockroom.images import ids

ID = "0123456789ABC"
SITE = Site("https://photos.example.org")


def test_addresses_are_absolute() -> None:
    image_id = ids.decode(ID) or 0
    assert SITE.locate("/oembed") == "https://photos.example.org/oembed"
    assert SITE.locate_picture(image_id) == f"https://photos.example.org/p/{ID}"
    assert (
        SITE.locate_rendition(image_id, "K", 1, "720p") == f"https://photos.example.org/i/{ID}-K/v1/720p.jpg"
    )


@pytest.mark.parametrize(
    "address",
    [
        f"https://photos.example.org/p/{ID}",
        f"http://photos.example.org/p/{ID}",
        f"https://PHOTOS.example.org/picture/{ID}/?utm_source=a#b",
    ],
)
def test_a_pages_address_names_its_picture(address: str) -> None:
    assert SITE.find_picture(address) == ids.decode(ID)


@pytest.mark.parametrize(
    "address",
    [
        "",
        f"/p/{ID}",
        f"//photos.example.org/p/{ID}",
        f"ftp://photos.example.org/p/{ID}",
        f"https://photos.example.org:444/p/{ID}",
        f"https://photos.example.org.evil.example/p/{ID}",
        f"https://evil.example/https://photos.example.org/p/{ID}",
        f"https://a@photos.example.org/p/{ID}",
        f"https://photos.example.org/api/images/{ID}",
        f"https://photos.example.org/p/{ID}/a",
        "https://photos.example.org/p/abc",
        "https://photos.example.org/",
        "https://[",
    ],
)
def test_any_other_address_names_none(address: str) -> None:
    assert SITE.find_picture(address) is None
