"""What tests ask of files that cannot become a picture."""

import pytest

from stockroom.renditions import REJECTION_CODES, ImageRejected, Options, Rendered, render


def reject(data: bytes, options: Options | None = None) -> ImageRejected:
    """The rejection of a file; the test fails when it is rendered."""
    with pytest.raises(ImageRejected) as caught:
        render(data, options)
    assert caught.value.code in REJECTION_CODES
    return caught.value


def render_or_reject(data: bytes, options: Options | None = None) -> Rendered | ImageRejected:
    """Whichever of the two a file comes to."""
    try:
        return render(data, options)
    except ImageRejected as rejected:
        return rejected


PIXEL_LIMITS = ("max_pixels_avif", "max_pixels_in_memory", "max_pixels")
"""The fields of `Options` that limit pixels, the lowest by default first."""


def find_pixel_limit(data: bytes, pixels: int) -> str:
    """Which field of `Options` limits the pixels of files like this one, which has so many pixels."""
    for name in PIXEL_LIMITS:
        outcome = render_or_reject(data, Options(**{name: pixels - 1}))
        if isinstance(outcome, ImageRejected) and outcome.code == "too-many-pixels":
            return name
    raise ValueError("nothing limits the pixels of this file")
