"""From an uploaded file to its renditions: format, header, one decode to 720p, and all the rest from that.

The rendition at 1440p alone takes a second decode. If the one at 720p were made from that, too, it would have
other pixels, and the picture another `pixel_hash` (docs/decisions/0010-1440p.md).
"""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from stockroom.renditions.facts.dominant_color import find_dominant_color
from stockroom.renditions.facts.phash import SIDE, compute_phash
from stockroom.renditions.facts.thumbhash import compute_thumbhash
from stockroom.renditions.header import Header, read_header
from stockroom.renditions.libvips import UNREADABLE
from stockroom.renditions.limits import check_file_size
from stockroom.renditions.options import Options
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import JPEG, LARGER, OutputFormat
from stockroom.renditions.rendered import SIZES, Rendered, Rendition, fit
from stockroom.renditions.scaling import Scaler
from stockroom.renditions.sniffing import SNIFFED_BYTES, sniff
from stockroom.renditions.unreadable import rejection_for

if TYPE_CHECKING:
    from stockroom.renditions.libvips import pyvips


class Picture(msgspec.Struct, frozen=True):
    """A decoded picture in memory, at both sizes. Renditions in every format are encoded from these.

    It is not public yet: the `Picture` of `stockroom.images` is a row that is ready.
    """

    header: Header
    large: "pyvips.Image"
    small: "pyvips.Image"

    def encode(self, format_: OutputFormat, options: Options) -> dict[str, Rendition]:
        """The renditions in an output format other than `LARGER`, by their names in `SIZES`."""
        images = {"720p": self.large, "240p": self.small}
        return {
            name: Rendition(
                format_.save(images[name], options),
                format_.media_type,
                images[name].width,
                images[name].height,
            )
            for name in format_.renditions
        }

    def derive_facts(self, renditions: Mapping[str, Rendition]) -> Rendered:
        """These renditions with the facts about the picture."""
        # Three facts are computed from one copy that is squeezed into a square: the dominant colour depends
        # on proportions of areas, which stay, and both hashes count waves along a side, however long it is.
        squeezed = self.small.resize(
            SIDE / self.small.width, vscale=SIDE / self.small.height, kernel="linear", gap=1.0
        )
        pixels = bytes(squeezed.write_to_memory())
        return Rendered(
            media_type=self.header.format.media_type,
            width=self.header.width,
            height=self.header.height,
            renditions=renditions,
            color=find_dominant_color(pixels),
            thumbhash=compute_thumbhash(SIDE, SIDE, pixels, aspect=self.small.width / self.small.height),
            phash=compute_phash(_luma(pixels)),
            pixel_hash=compute_pixel_hash(self.header, self.large),
            capture_time=self.header.description.capture_time,
            embedded=self.header.description.embedded,
        )


def render(data: bytes, options: Options | None = None) -> Rendered:
    """The JPEG renditions and the facts of one uploaded file.

    "720p" and "240p" are at most that high after the EXIF orientation has been applied, never enlarged, in
    sRGB, on white, and without any metadata of the file. Raises `ImageRejected` for a file that cannot become
    a picture; any other exception is a fault of this package.
    """
    options = options or Options()
    picture = decode(Original(data), options)
    return picture.derive_facts(picture.encode(JPEG, options))


def decode(original: Original, options: Options) -> Picture:
    """The decoded picture of a file. Raises `ImageRejected`, and what waiting for the file's bytes raises."""
    check_file_size(original.size, options)
    format_ = sniff(original.slice(0, SNIFFED_BYTES))
    format_.check_container(original, options)
    header = read_header(original, format_, options)
    try:
        large = format_.scale(Scaler(original, header, SIZES["720p"]))
        small_size = SIZES["240p"]
        small = large.thumbnail_image(small_size.width, height=small_size.height, size="down").copy_memory()
    except UNREADABLE as error:
        raise rejection_for(error, original, format_) from error
    return Picture(header, large, small)


def has_larger(header: Header) -> bool:
    """Whether a picture can have a rendition that is larger than that at 720p."""
    return any(
        fit(header.width, header.height, name) != fit(header.width, header.height, "720p")
        for name in LARGER.renditions
    )


def encode_larger(original: Original, header: Header, options: Options) -> dict[str, Rendition]:
    """The renditions in the output format `LARGER`, from a decode of their own. Raises as `decode` does."""
    renditions = {}
    try:
        for name in LARGER.renditions:
            image = header.format.scale(Scaler(original, header, SIZES[name]))
            data = LARGER.save(image, options)
            renditions[name] = Rendition(data, LARGER.media_type, image.width, image.height)
    except UNREADABLE as error:
        raise rejection_for(error, original, header.format) from error
    return renditions


def compute_pixel_hash(header: Header, large: "pyvips.Image") -> bytes:
    """A SHA-256 that is the same for two files that have the same pixels, decoded in the same way.

    It is that of the original's sides and of the pixels at 720p, which are in memory: the whole picture is
    never decoded where its format can be decoded smaller. The hash stays the same when a file is saved again
    without a loss (a JPEG with other metadata, other Huffman tables or as a progressive one; a PNG with
    another compression), and between formats without a loss as far as the decoder scales neither: up to 1260
    lines for WebP. Different pictures have the same hash only where a difference vanishes at 720p.
    """
    pixels = hashlib.sha256(header.width.to_bytes(4) + header.height.to_bytes(4))
    pixels.update(large.write_to_memory())
    return pixels.digest()


def _luma(rgb: bytes) -> bytes:
    """Luma (Rec. 601) of pixels of three bytes each, one byte a pixel."""
    pixels = zip(rgb[0::3], rgb[1::3], rgb[2::3], strict=True)
    return bytes((19595 * r + 38470 * g + 7471 * b + 32768) >> 16 for r, g, b in pixels)
