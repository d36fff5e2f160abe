"""How long answers are stored, by browsers, by the CDN and by the function itself.

Seconds are enough: at a thousand requests a second, twenty of them save all but one request in twenty
thousand. New pictures are seen and deleted ones are gone within 35 seconds, the longest sum of a search's
policy; whoever has just uploaded sends `since` and sees their picture at once. The front page is stored
longest, since everybody asks for it. Programs can wait: a feed may be two minutes old, a sitemap an hour.
Answers of a private library are stored nowhere.
"""

from collections.abc import Collection

from msgspec import Struct


class CachePolicy(Struct, frozen=True, kw_only=True):
    """Seconds for which an answer may be used again; None: it must not be stored."""

    browser: int | None
    cdn: int = 0
    stale: int = 0
    """For so long after its time the CDN still uses an answer, while it fetches a fresh one."""
    function: int = 0
    """For so long the function stores the answer, except an empty page. Such an answer has an ETag."""
    is_private: bool = False

    @property
    def header(self) -> str:
        """The value of Cache-Control."""
        if self.browser is None:
            return "private, no-store" if self.is_private else "no-store"
        shared = f", s-maxage={self.cdn}" if self.cdn != self.browser else ""
        stale = f", stale-while-revalidate={self.stale}" if self.stale else ""
        return f"public, max-age={self.browser}{shared}{stale}"


FRONT_PAGE = CachePolicy(browser=0, cdn=20, stale=10, function=5)
"""The newest pictures, first page, and the commonest tags: nothing is searched for."""
SEARCH = CachePolicy(browser=0, cdn=10, stale=5, function=3)
"""The first page of a search, and the deeper pages of the front page."""
DEEP_SEARCH = CachePolicy(browser=0, cdn=5, function=1)
"""The deeper pages of a search."""
SUGGESTION = CachePolicy(browser=60, cdn=60, function=5)
"""Tags that begin with a prefix, words and similar pictures."""
PICTURE = CachePolicy(browser=60, cdn=60)
"""One picture."""
SETTLED = CachePolicy(browser=60, cdn=60)
"""What only a deployment changes: the configuration, the OpenAPI document."""
PAGE = CachePolicy(browser=0, cdn=60)
"""The page of one picture."""
FEED = CachePolicy(browser=60, cdn=60, function=5)
"""A search as a feed, which programs ask for all day long."""
SITEMAP = CachePolicy(browser=60, cdn=3600)
"""The sitemap and robots.txt. Crawlers come for days, and a paused database sleeps meanwhile."""
NO_STORE = CachePolicy(browser=None)
"""Health and errors."""
PRIVATE = CachePolicy(browser=None, is_private=True)
"""What belongs to one person."""

_PAGING = frozenset({"cursor", "limit", "since", "sort"})
"""The parameters of a search that do not choose pictures."""


def choose_search_policy(given: Collection[str]) -> CachePolicy:
    """The policy of a page of pictures, by the names of the parameters that were given."""
    is_search = not _PAGING.issuperset(given)
    is_deeper = "cursor" in given
    if is_search and is_deeper:
        return DEEP_SEARCH
    return SEARCH if is_search or is_deeper else FRONT_PAGE


def choose_tags_policy(given: Collection[str]) -> CachePolicy:
    """The policy of tags: the commonest of all show pictures on the front page, and go as fast as these."""
    return SUGGESTION if "prefix" in given else FRONT_PAGE
