import pytest

from stockroom.images.picture import Metadata, orientation


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(3, 2, "landscape"), (2, 3, "portrait"), (2, 2, "square")]
)
def test_orientation(width: int, height: int, expected: str) -> None:
    assert orientation(width, height) == expected


def test_all_tags_are_the_explicit_ones_and_then_the_hashtags_each_once() -> None:
    metadata = Metadata(name="a.jpg", license="CC0-1.0", tags=("sea", "blue"), hashtags=("light", "sea"))
    assert metadata.all_tags == ("sea", "blue", "light")
