"""An original is taken from storage into the decoder, and once more where the decoder failed at it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from stockroom.images.storage import Storage
from stockroom.renditions import Options
from stockroom.renditions.sandbox.decoder import Decoder, SandboxedPicture
from stockroom.renditions.sandbox.failures import DecoderFailed
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings


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
        # The download ends with the first answer: further formats need no more of the original.
        with storage.open_original(image_id) as original:
            if original is None:
                return None
            return decoding.enter_context(
                decoder.decode(original.size, original.chunks, options, settings.formats)
            )

    with ExitStack() as decoding:
        try:
            picture = open_picture()
        except DecoderFailed as first:
            # Something else than this file may have been the reason: the original is opened again, and
            # decoded in a fresh process.
            logger.warning("decoder failed", extra={"reason": str(first)})
            decoder.start()
            try:
                picture = open_picture()
            except DecoderFailed as second:
                logger.warning("decoder failed again", extra={"reason": str(second)})
                raise second.rejection from second
        yield picture
