"""Waiting for uploads that have landed: one question about all of them, less often while nothing moves."""

import time

from stockroom_client.api import Api
from stockroom_client.contract import Upload
from stockroom_client.items import Item

FIRST = 0.3  # seconds until the first question, and between two as long as there is news
SLOWEST = 3.0  # seconds between two when there is none


class Watch:
    """The landed files by id."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._pace = FIRST
        self._next = 0.0
        self._news_at = time.monotonic()
        self._items: dict[str, Item] = {}

    def add(self, item: Item) -> None:
        """Watch this one too."""
        if not self._items:
            self._next = time.monotonic() + FIRST
        self._items[item.id] = item

    def drop(self, item: Item) -> None:
        """It has come to an end."""
        self._items.pop(item.id, None)

    def news(self) -> None:
        """Something has moved: ask often again."""
        self._news_at = time.monotonic()
        self._pace = FIRST

    def silent_for(self) -> float:
        """Seconds since the last news."""
        return time.monotonic() - self._news_at

    @property
    def items(self) -> list[Item]:
        """What is being watched."""
        return list(self._items.values())

    @property
    def due(self) -> bool:
        """Whether it is time to ask."""
        return bool(self._items) and time.monotonic() >= self._next

    def ask(self) -> list[tuple[Item, Upload | None]]:
        """Where each one is; None for an upload that the library no longer knows. May raise ApiError."""
        items = self.items
        try:
            uploads = {upload["id"]: upload for upload in self._api.uploads([item.id for item in items])}
        finally:
            self._next = time.monotonic() + self._pace
            self._pace = min(self._pace * 1.5, SLOWEST)
        return [(item, uploads.get(item.id)) for item in items]
