"""The renditions of a picture are written to storage, all at the same time."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from stockroom.images.storage import RenditionKey, Storage, rendition_key
from stockroom.renditions import Rendition


@contextmanager
def write_renditions(
    storage: Storage, key: RenditionKey, renditions: Mapping[str, Rendition], format_: str
) -> Iterator[None]:
    """Write the renditions of one format, by their names, and run the `with` block meanwhile.

    The end of the block waits for the writes, and raises what a write raised.
    """
    with ThreadPoolExecutor(len(renditions)) as pool:
        writes = [
            pool.submit(
                storage.write_rendition,
                rendition_key(key.image_id, key.link_key, key.version, name, format_),
                rendition,
            )
            for name, rendition in renditions.items()
        ]
        yield
        for write in writes:
            write.result()
