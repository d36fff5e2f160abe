"""Hands an original from storage to the decoder, and once more if the decoder has failed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, TypeVar

from stockroom.images.storage import Storage
from stockroom.renditions import Options
from stockroom.renditions.sandbox.decoder import Decoder, SandboxedPicture
from stockroom.renditions.sandbox.failures import DecoderFailed
from stockroom.renditions.sandbox.protocol import Described
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings

T = TypeVar("T")

HEAD_BYTES = 64 * 1024
"""Bytes that are read first to describe an original: nearly always enough for JPEG and PNG."""


class OriginalDescription(NamedTuple):
    """What an original says about its picture, and how many requests and bytes were read for that."""

    described: Described
    requests: int
    bytes: int


@contextmanager
def decode_original(
    image_id: int, storage: Storage, decoder: Decoder, settings: Settings
) -> Iterator[SandboxedPicture | None]:
    """The picture of an original, for the `with` block; None when there is no original.

    Raises ImageRejected when the file is not accepted; DecoderUnavailable or DecoderFault when it was not
    judged.
    """
    options = Options(max_bytes=settings.max_bytes, max_pixels=settings.max_pixels)

    def open_picture() -> SandboxedPicture | None:
        # The download ends with the first answer: what needs the original after it has all of it by then.
        with storage.open_original(image_id) as original:
            if original is None:
                return None
            return decoding.enter_context(
                decoder.decode(original.size, original.chunks, options, settings.further_formats)
            )

    with ExitStack() as decoding:
        yield _try_twice(open_picture, decoder)


def describe_original(
    image_id: int, size: int, storage: Storage, decoder: Decoder, settings: Settings
) -> OriginalDescription | None:
    """What an original of `size` bytes says, by as few of its bytes as that takes; None where there is none.

    Its pixels are not looked at. Raises what `decode_original` does.
    """
    options = Options(max_bytes=settings.max_bytes, max_pixels=settings.max_pixels)
    counts = [0, 0]

    def read(start: int, end: int) -> bytes:
        part = storage.read_original_part(image_id, start, end)
        if part is None:
            raise FileNotFoundError
        counts[0] += 1
        counts[1] += len(part)
        return part

    def describe() -> Described:
        return decoder.describe(size, read, read(0, min(HEAD_BYTES, size)), options)

    try:
        return OriginalDescription(_try_twice(describe, decoder), *counts)
    except FileNotFoundError:
        return None


def _try_twice(work: Callable[[], T], decoder: Decoder) -> T:
    """The result of `work`, which is tried twice. A second failure of the decoder rejects the file."""
    try:
        return work()
    except DecoderFailed as first:
        # Something else than this file may have been the reason: the original is opened again, and decoded in
        # a fresh process.
        logger.warning("decoder failed", extra={"reason": str(first)})
        decoder.start()
        try:
            return work()
        except DecoderFailed as second:
            logger.warning("decoder failed again", extra={"reason": str(second)})
            raise second.rejection from second
