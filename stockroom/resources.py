"""The resources of a function's process: the one module that knows all parts and how each is made."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from stockroom.images.storage import Storage
from stockroom.runtime import settings
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings

if TYPE_CHECKING:
    from stockroom.api.auth import Verifier
    from stockroom.api.response_cache import ResponseCache
    from stockroom.images.owners import Owners
    from stockroom.renditions.decoder import Decoder
    from stockroom.search.service import SearchIndex


@dataclass(frozen=True)
class Resources:
    """The resources of one process. What only some functions need is imported and made at its first use."""

    settings: Settings
    db: Database
    storage: Storage

    @cached_property
    def verifier(self) -> "Verifier":
        """Checks tokens."""
        from stockroom.api.auth import Verifier

        return Verifier(self.settings, self.storage.read_key_object)

    @cached_property
    def response_cache(self) -> "ResponseCache":
        """The answers that this process stores for seconds."""
        from stockroom.api.response_cache import ResponseCache

        return ResponseCache()

    @cached_property
    def owners(self) -> "Owners":
        """The numbers of contributors."""
        from stockroom.images.owners import Owners

        return Owners(self.db)

    @cached_property
    def search_index(self) -> "SearchIndex":
        """The search index."""
        from stockroom.search.service import SearchIndex

        return SearchIndex(self.db)

    @cached_property
    def decoder(self) -> "Decoder":
        """The decoder process; it starts when it is first used."""
        from stockroom.renditions.decoder import Decoder

        return Decoder()


@cache
def resources() -> Resources:
    """The resources of this process. No connection is made before the first use."""
    current = settings.current()
    return Resources(settings=current, db=Database(current), storage=Storage(current))
