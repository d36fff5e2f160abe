"""The sides of a rendition are known without it."""

import pytest

from stockroom.renditions import render
from stockroom.renditions.outputs import JPEG
from stockroom.renditions.rendered import fit
from tests.renditions.images import photo_bytes


@pytest.mark.parametrize(
    ("width", "height", "name", "sides"),
    [
        (6000, 4000, "720p", (1080, 720)),
        (6000, 4000, "240p", (360, 240)),
        (100, 50, "720p", (100, 50)),
        (1, 1, "240p", (1, 1)),
        (20_000, 1, "720p", (5120, 1)),
        (20_000, 1000, "720p", (5120, 256)),
        (1, 20_000, "240p", (1, 240)),
        (6000, 4000, "1440p", (2160, 1440)),
        (1500, 1000, "1440p", (1500, 1000)),
        (20_000, 1000, "1440p", (10_240, 512)),
    ],
)
def test_a_rendition_fits_into_its_sides(width: int, height: int, name: str, sides: tuple[int, int]) -> None:
    size = fit(width, height, name)
    assert (size.width, size.height) == sides


def test_they_are_those_of_the_rendition_itself() -> None:
    rendered = render(photo_bytes())
    assert rendered.renditions.keys() == set(JPEG.renditions)
    for name, rendition in rendered.renditions.items():
        assert fit(rendered.width, rendered.height, name) == (rendition.height, rendition.width)
