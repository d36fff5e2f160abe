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
