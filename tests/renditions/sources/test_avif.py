import pytest

from stockroom.renditions import ImageRejected, Options
from stockroom.renditions.original import Original
from stockroom.renditions.sources.avif import AVIF
from tests.renditions.hostile.attacks import avif_items, avif_of_huge_tiles
from tests.renditions.hostile.builders import iso_box
from tests.renditions.images import flat, photo, photo_of


def check(data: bytes, **limits: int) -> None:
    AVIF.check_container(Original(data), Options(**limits))


def test_an_ordinary_picture() -> None:
    check(photo_of("avif"), max_metadata=1000, max_pixels_avif=300 * 200)


def test_transparency_may_have_as_many_pixels_again() -> None:
    see_through = photo().bandjoin(flat(300, 200, 120)).heifsave_buffer(compression="av1", effort=0)
    check(see_through, max_pixels_avif=300 * 200)
    with pytest.raises(ImageRejected, match="too-many-pixels"):
        check(see_through, max_pixels_avif=300 * 200 - 1)


def test_tiles_are_added_up() -> None:
    # Sixteen tiles of 25 million pixels.
    check(avif_of_huge_tiles(), max_pixels=10**9, max_pixels_avif=8 * 25_000_000)
    with pytest.raises(ImageRejected, match="too-many-pixels"):
        check(avif_of_huge_tiles(), max_pixels=10**9, max_pixels_avif=8 * 25_000_000 - 1)


def test_items_that_share_their_bytes_count_each() -> None:
    check(avif_items(3, 1000), max_metadata=3000)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(avif_items(3, 1000), max_metadata=2999)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(avif_items(3, 1000), max_parts=2)


def test_boxes_are_limited() -> None:
    data = photo_of("avif") + iso_box(b"free", b"") * 50
    check(data, max_parts=60)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(data, max_parts=50)


@pytest.mark.parametrize("size", [60, 200, 300])
def test_damage_is_left_to_the_decoder(size: int) -> None:
    check(photo_of("avif")[:size])
