"""The published page as a template: every page of the site is this one, with a head of its own.

The page is published after the functions (operations/deploy.py), and by itself, so that a function reads it
from the site's bucket rather than from its own bundle. Whichever version a process remembers, its scripts are
there: a publication writes the page after its scripts, and keeps the scripts of earlier pages for 30 days.
"""

import re
import time
from collections.abc import Callable
from http import HTTPStatus

from stockroom.api.responses import TextAnswer
from stockroom.runtime.errors import StorageUnavailable, Unavailable
from stockroom.runtime.observability import logger

HTML = "text/html; charset=utf-8"
SECONDS = 60
"""For so long a process remembers the page."""
NOT_FOR_ROBOTS = '<meta name="robots" content="noindex" />'

FIRST_PICTURE = '<div id="first-picture" hidden></div>'
"""The place of what is to be there before the script. A page that was published earlier has none."""

# The build marks the page's own script (frontend/vite/early.ts). Without a `src` the browser does not fetch
# it. The early script does, once the picture is there: both would share the line (frontend/src/early.ts).
_SCRIPT = '<script id="page-script" type="module" crossorigin src='
_WAITING_SCRIPT = '<script id="page-script" type="module" data-src='

_OWN_TITLE = re.compile(r"<title>[^<]*</title>")
_OWN_DESCRIPTION = re.compile(r'\s*<meta\s+name="description"[^>]*>')
# For the minutes of a first deployment in which no page is published yet.
_UNPUBLISHED = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Stockroom</title></head>'
    "<body><p>This page is not there yet. Try again in a minute.</p></body></html>\n"
)


class PageTemplate:
    """The published page, remembered for SECONDS; `read` reads it, or raises StorageUnavailable."""

    def __init__(self, read: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._page = ""
        self._expires_at = 0.0

    def write(self, head: str, body: str = "") -> TextAnswer:
        """The page with the elements `head` in place of its own title and description, and with `body`.

        A page with a body shows a picture, for which its script waits.
        """
        return self._write(head, HTTPStatus.OK, body)

    def write_missing(self) -> TextAnswer:
        """The page where there is nothing: the script finds that out as well, and says so."""
        return self._write(f"<title>Not found · Stockroom</title>\n{NOT_FOR_ROBOTS}", HTTPStatus.NOT_FOUND)

    def write_unavailable(self, error: Unavailable) -> TextAnswer:
        """The page as it is, whose script asks again, with the status by which a crawler comes again."""
        answer = self._write("<title>Stockroom</title>", error.status)
        return TextAnswer(answer.text, answer.status, {**answer.headers, **error.headers})

    def _write(self, head: str, status: HTTPStatus, body: str = "") -> TextAnswer:
        try:
            page = _OWN_DESCRIPTION.sub("", self._find_page(), 1)
        except StorageUnavailable as error:
            logger.warning("page not read", exc_info=True)
            return TextAnswer(_UNPUBLISHED, error.status, error.headers)
        title = _OWN_TITLE.search(page)
        if title is None:
            raise ValueError("the published page has no title")
        end = page[title.end() :].replace(FIRST_PICTURE, body, 1)
        if body:
            end = end.replace(_SCRIPT, _WAITING_SCRIPT, 1)
        return TextAnswer(f"{page[: title.start()]}{head}{end}", status)

    def _find_page(self) -> str:
        """The page; an older one rather than none."""
        if not self._page or self._clock() >= self._expires_at:
            try:
                self._page = self._read()
            except StorageUnavailable:
                if not self._page:
                    raise
                logger.warning("page not read", exc_info=True)
            self._expires_at = self._clock() + SECONDS
        return self._page
