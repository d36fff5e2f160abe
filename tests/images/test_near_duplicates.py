"""Near duplicates of real pictures: what is called one is one, and how many are found.

bench/near_duplicates.py measures the same with more pictures.
"""

from collections.abc import Sequence

import pytest

from bench.near_duplicates import ORIGINAL, Quality, make_pictures
from bench.variants import BURSTS, Made
from tests.renditions.images import DATA

pytestmark = pytest.mark.thorough

PATHS = [DATA / f"{name}.jpg" for name in ("casa-mila", "lake-sherburne", "ocean-waves")]


@pytest.fixture(scope="module")
def made() -> Sequence[Made]:
    """Three photographs, four tiles of each, variants of six of these, five pages of print, flat pictures."""
    return make_pictures(PATHS, longest=400, tiles=2, pages=5)


@pytest.fixture(scope="module")
def quality(made: Sequence[Made]) -> Quality:
    return Quality(made)


def test_what_is_called_a_near_duplicate_is_one(quality: Quality) -> None:
    assert quality.unlike > 20_000
    assert quality.right > 1_000
    assert quality.precision >= 0.99, quality.wrong[:5]


@pytest.mark.parametrize(
    ("kinds", "least"),
    [
        (("saved at Q50", "half as large", "gamma 1.25", "lighter", "warmer", "noise"), 0.95),
        (("2 % cropped, around", "4 % cropped, around", "2 % cropped, on one side"), 0.9),
        (("up to 5 % cropped on each side",), 0.7),
        (tuple(BURSTS)[:1], 0.9),
        (tuple(BURSTS)[1:2], 0.8),
    ],
)
def test_how_many_are_found(quality: Quality, kinds: tuple[str, ...], least: float) -> None:
    assert quality.recall(*kinds) >= least, {kind: quality.recall(kind) for kind in kinds}


def test_flat_pictures_and_pages_are_not_near_to_each_other(made: Sequence[Made], quality: Quality) -> None:
    flat = [each for each in made if each.subject.startswith("flat")]
    assert len(flat) > 10
    assert all(each.looks.is_flat for each in flat)
    assert not [pair for pair in quality.wrong if pair[0].subject.startswith("page")]
    # A page is a near duplicate of itself, though, when it is saved again.
    assert quality.recall("a page, saved at Q50") == 1
    assert all(not each.looks.is_flat for each in made if each.kind == ORIGINAL and "page" in each.subject)
