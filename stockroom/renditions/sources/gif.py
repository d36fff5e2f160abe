"""GIF (89a): a canvas, then frames and extensions, each with a chain of blocks of at most 255 bytes."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from stockroom.renditions.limits import MetadataTally, check_dimensions, check_frames, too_much_metadata
from stockroom.renditions.sources.source_format import SourceFormat

if TYPE_CHECKING:
    from stockroom.renditions.embedded.reconcile import Blocks
    from stockroom.renditions.libvips import pyvips
    from stockroom.renditions.options import Options
    from stockroom.renditions.original import FileBytes, Original
    from stockroom.renditions.scaling import Scaler

_HEADER_SIZE, _FRAME_SIZE = 13, 10
_FRAME, _EXTENSION, _GRAPHIC_CONTROL = 0x2C, 0x21, 0xF9


def _check_container(original: Original, options: Options) -> None:
    data, size = original.whole(), original.size
    if size < _HEADER_SIZE:
        return
    # libvips shrinks a canvas that it finds too large to the canvas's frames, and does not say so: what the
    # file asks for is only known here.
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    _check_canvas(width, height, options)
    tally, frames, controls = MetadataTally(options), 0, 0
    chains = _BlockChains(data, size, options)
    position = _HEADER_SIZE + _color_table_size(data[10])
    while position + _FRAME_SIZE <= size:
        kind, label = data[position], data[position + 1]
        if kind == _FRAME:
            frames += 1
            check_frames(frames, options)
            # Between the frame's header and its blocks: its colours, and one byte for the size of its codes.
            content = position + _FRAME_SIZE + _color_table_size(data[position + 9]) + 1
            position = chains.find_end(content)
        elif kind == _EXTENSION and label == _GRAPHIC_CONTROL:
            # Each frame may have one, which is counted with the frame.
            controls += 1
            check_frames(controls, options)
            position = chains.find_end(position + 2)
        elif kind == _EXTENSION:
            end = chains.find_end(position + 2)
            tally.add_part(end - position)
            position = end
        else:
            return


def _color_table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


class _BlockChains:
    """The chains of blocks of one file, with a limit on the number of all blocks.

    Encoders fill their blocks, so a file of n bytes has about n / 255 of them. The limit is n / 170, and
    eight more for each frame that is allowed.
    """

    def __init__(self, data: FileBytes, size: int, options: Options) -> None:
        self._data, self._size, self._options = data, size, options
        self._blocks_left = size // 170 + 8 * options.max_frames

    def find_end(self, start: int) -> int:
        """The position behind the chain that begins at `start`."""
        # Local names: this loop runs once for every 255 bytes of the file.
        data, size, blocks_left, position = self._data, self._size, self._blocks_left, start
        while position < size and data[position]:
            position += data[position] + 1
            blocks_left -= 1
            if blocks_left < 0:
                raise too_much_metadata(self._options)
        self._blocks_left = blocks_left
        return position + 1


def _check_canvas(width: int, height: int, options: Options) -> None:
    check_dimensions(width, height, "a GIF", options.max_pixels_in_memory, options)


def _check_header(image: pyvips.Image, _original: Original, options: Options) -> None:
    _check_canvas(image.width, image.height, options)


def _scale(scaler: Scaler) -> pyvips.Image:
    return scaler.thumbnail()


def _find_blocks(_original: Original, _options: Options) -> Blocks:
    from stockroom.renditions.embedded.reconcile import Blocks

    # libvips reads none of the metadata of this format.
    return Blocks()


def _is_cut_off(data: FileBytes) -> bool:
    return not data[-4096:].rstrip(b"\x00").endswith(b";")


GIF = SourceFormat(
    name="gif",
    title="GIF",
    media_type="image/gif",
    signatures=(b"GIF87a".hex(), b"GIF89a".hex()),
    brands=(),
    extensions=("gif",),
    remark="of an animated one the first frame",
    further_limits=(),
    loader="gifload",
    loader_class="VipsForeignLoadNsgif",
    check_container=_check_container,
    check_header=_check_header,
    scale=_scale,
    find_blocks=_find_blocks,
    is_cut_off=_is_cut_off,
    sample=b64decode(
        "R0lGODlhEAAQAIAAAExpcYCAgCH/C05FVFNDQVBFMi4wAwEAAAAh+QQFAAAAACwAAAAAEAAQAAACDoyPqcvtD6OctNqLsz4FADs="
    ),
)
