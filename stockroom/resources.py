"""The parts that a function works with, made once a process: the one module that knows every part."""

from functools import cache, cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from stockroom.images.storage import Storage
from stockroom.runtime import settings
from stockroom.runtime.database import Database
from stockroom.runtime.elapsed_clock import ElapsedClock
from stockroom.runtime.settings import Settings

if TYPE_CHECKING:
    from stockroom.api.auth import Verifier
    from stockroom.api.client_limits import ClientLimits
    from stockroom.api.response_cache import ResponseCache
    from stockroom.api.sharing.page_template import PageTemplate
    from stockroom.api.sharing.site import Site
    from stockroom.images.due_times import DueTimes
    from stockroom.images.owners import Owners
    from stockroom.renditions.sandbox.decoder import Decoder
    from stockroom.search.index.writer import IndexWriter
    from stockroom.search.service import SearchIndex


class Resources(Struct, frozen=True, dict=True):
    """The parts of one process. Parts that only some functions need are imported at their first use."""

    settings: Settings
    db: Database
    storage: Storage

    @cached_property
    def clock(self) -> ElapsedClock:
        """The clock of what the process remembers for a while."""
        return ElapsedClock()

    @cached_property
    def verifier(self) -> "Verifier":
        """Checks bearer tokens; remembers key sets."""
        from stockroom.api.auth import Verifier

        return Verifier(self.settings, self.storage.read_key_object, clock=self.clock)

    @cached_property
    def client_limits(self) -> "ClientLimits":
        """Counts the requests of clients without a token."""
        from stockroom.api.client_limits import ClientLimits

        return ClientLimits(self.settings.client_rate, clock=self.clock)

    @cached_property
    def response_cache(self) -> "ResponseCache":
        """The answers that this process stores for seconds."""
        from stockroom.api.response_cache import ResponseCache

        return ResponseCache(self.clock)

    @cached_property
    def site(self) -> "Site":
        """The site's own addresses."""
        from stockroom.api.sharing.site import Site

        return Site(self.settings.site_url)

    @cached_property
    def page_template(self) -> "PageTemplate":
        """The published page, which this process remembers for a minute."""
        from stockroom.api.sharing.page_template import PageTemplate

        return PageTemplate(self.storage.read_page, self.clock)

    @cached_property
    def due_times(self) -> "DueTimes":
        """Tells when the reaper is needed; remembers what it has told."""
        from stockroom.images.due_times import DueTimes

        return DueTimes(self.storage)

    @cached_property
    def owners(self) -> "Owners":
        """The ids of contributors."""
        from stockroom.images.owners import Owners

        return Owners(self.db)

    @cached_property
    def index_writer(self) -> "IndexWriter":
        """What makes pictures findable and unfindable, without the searches; remembers terms."""
        from stockroom.search.index.writer import IndexWriter

        return IndexWriter(self.db)

    @cached_property
    def search_index(self) -> "SearchIndex":
        """The search index; remembers terms."""
        from stockroom.search.service import SearchIndex

        return SearchIndex(self.db)

    @cached_property
    def decoder(self) -> "Decoder":
        """The decoder; its process starts at the first use."""
        from stockroom.renditions.sandbox.decoder import Decoder

        return Decoder()


@cache
def resources() -> Resources:
    """The parts of this process, by the settings of its environment. Nothing connects before it is used."""
    current = settings.current()
    return Resources(settings=current, db=Database(current), storage=Storage(current))
