import pytest

from stockroom.renditions import ImageRejected, Options
from stockroom.renditions.original import Original
from stockroom.renditions.sources.avif import AVIF
from tests.renditions.hostile.attacks import (
    avif_items,
    avif_meta,
    avif_of_huge_tiles,
    derived,
    item_info,
    item_sides,
    references,
)
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


def test_a_tile_counts_as_often_as_it_is_used() -> None:
    tiles = avif_meta(item_info(b"grid", b"av01"), item_sides(100, [1]), references(derived(0, 1, 1, 1)))
    check(tiles, max_pixels_avif=15_000)
    with pytest.raises(ImageRejected, match="too-many-pixels"):
        check(tiles, max_pixels_avif=14_999)


def test_a_gain_map_of_grids_may_be_derived() -> None:
    """A picture and its gain map, each of two tiles, and a preview."""
    types = (b"tmap", b"grid", b"grid", *[b"av01"] * 5)
    parts = references(derived(0, 1, 2), derived(1, 3, 4), derived(2, 5, 6))
    data = avif_meta(item_info(*types), item_sides(100, range(3, 8)), parts)
    check(data, max_pixels_avif=25_000)
    with pytest.raises(ImageRejected, match="too-many-pixels"):
        check(data, max_pixels_avif=24_999)


@pytest.mark.parametrize("depth", [4, 5])
def test_derivations_are_limited(depth: int) -> None:
    steps = references(*[derived(n, n + 1) for n in range(depth)])
    data = avif_meta(item_info(*[b"iden"] * depth, b"av01"), item_sides(16, [depth]), steps)
    if depth <= 4:
        check(data)
    else:
        with pytest.raises(ImageRejected, match="too-slow"):
            check(data)


def test_a_circle_beside_the_picture_is_found() -> None:
    circle = references(derived(1, 2), derived(2, 1))
    data = avif_meta(item_info(b"av01", b"iden", b"iden"), item_sides(16, [0]), circle)
    with pytest.raises(ImageRejected, match="too-slow"):
        check(data)


def test_extents_of_pictures_count_as_parts() -> None:
    """Also those that take no bytes of the box that lists them."""
    places = iso_box(b"iloc", b"\0\0\0\0\0\0" + b"\0\1" + b"\0\0\0\0" + b"\0\x64")
    data = avif_meta(item_info(b"av01"), places)
    check(data, max_parts=100)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(data, max_parts=99)


@pytest.mark.parametrize("kind", [b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"pitm"])
def test_a_box_that_is_there_twice_is_refused(kind: bytes) -> None:
    """Of two boxes, the decoder could read the one that nobody has looked at."""
    with pytest.raises(ImageRejected, match="corrupt"):
        check(avif_meta(iso_box(kind, bytes(8)), iso_box(kind, bytes(8))))


def test_metadata_that_are_there_twice_are_refused() -> None:
    harmless = avif_meta(item_info(b"av01"), item_sides(16, [0]))
    second = avif_of_huge_tiles()
    with pytest.raises(ImageRejected, match="corrupt"):
        check(harmless + second[second.index(b"meta") - 4 :])


def test_properties_that_are_there_twice_are_refused() -> None:
    properties = item_sides(16, [0])
    assert properties[4:8] == b"iprp"
    with pytest.raises(ImageRejected, match="corrupt"):
        check(avif_meta(item_info(b"av01"), iso_box(b"iprp", properties[8:] + iso_box(b"ipco", b""))))


def test_an_item_that_is_described_twice_is_refused() -> None:
    described = item_info(b"av01")
    twice = iso_box(b"iinf", b"\0\0\0\0\0\2" + described[14:] * 2)
    with pytest.raises(ImageRejected, match="corrupt"):
        check(avif_meta(twice))


def test_associations_may_be_in_several_boxes() -> None:
    """HEIF has one for each of their versions."""
    properties, others = item_sides(100, [0]), item_sides(100, [1])
    both = iso_box(b"iprp", properties[8:] + others[others.index(b"ipma") - 4 :])
    data = avif_meta(item_info(b"av01", b"av01"), both)
    check(data, max_pixels_avif=10_000)
    with pytest.raises(ImageRejected, match="too-many-pixels"):
        check(data, max_pixels_avif=9_999)


@pytest.mark.parametrize("size", [60, 200, 300])
def test_damage_is_left_to_the_decoder(size: int) -> None:
    check(photo_of("avif")[:size])
